const OPEN_METRICS = "application/openmetrics-text";
const TEXT = "text/plain";

/** Whether an Accept field prefers OpenMetrics to the older text format. */
export function prefersOpenMetrics(accept = ""): boolean {
  const weights = new Map<string, number>();
  for (const entry of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = entry.split(";").map((each) => {
      return each.trim();
    });
    const given = parameters.find((each) => each.startsWith("q="));
    const weight = given === undefined ? 1 : Number(given.slice(2));
    weights.set(type, Math.max(weights.get(type) ?? 0, weight || 0));
  }
  const weight = weights.get(OPEN_METRICS) ?? 0;
  return weight > 0 && weight >= (weights.get(TEXT) ?? 0);
}
