import type { ScenarioResult } from "../results-file.ts";
import { table } from "../table.ts";
import { percent, whole } from "./figure-text.ts";
import { instanceCurves } from "./instance-curves.ts";
import { CORES_EACH } from "./limited-scenarios.ts";
import { uslPeak } from "./usl-fit.ts";

function limitedCurves(results: readonly ScenarioResult[]) {
  return Object.entries(CORES_EACH).flatMap(([scenario, cores]) => {
    const result = results.find((one) => one.scenario === scenario);
    if (!result) return [];
    return instanceCurves(result, cores).map((curve) => {
      return { scenario, ...curve };
    });
  });
}

/** What was measured, beside both models. */
export function curvesText(
  results: readonly ScenarioResult[],
): string | undefined {
  const rows = limitedCurves(results).flatMap(({ scenario, server, points }) =>
    points.map(({ instances, median, min, max, fitted, predicted = 0 }) => {
      const alone = points[0]?.median ?? median;
      return [
        scenario,
        server,
        String(instances),
        `${whole(median)} (${whole(min)}–${whole(max)})`,
        (median / alone).toFixed(2),
        whole(predicted),
        percent(median / predicted - 1),
        whole(fitted),
        percent(median / fitted - 1),
      ];
    }),
  );
  if (rows.length === 0) return undefined;
  const head = ["scenario", "server", "instances", "req/s", "÷ one"];
  const models = ["by CPU costs", "off by", "USL", "off by"];
  return table([[...head, ...models], ...rows]);
}

export function fitsText(
  results: readonly ScenarioResult[],
): string | undefined {
  const rows = limitedCurves(results).map(({ scenario, server, fit }) => [
    scenario,
    server,
    whole(fit.ratePerInstance),
    fit.contention.toFixed(4),
    fit.coherency.toFixed(5),
    Number.isFinite(uslPeak(fit)) ? whole(uslPeak(fit)) : "none",
  ]);
  if (rows.length === 0) return undefined;
  const head = ["scenario", "server", "λ, req/s", "σ", "κ", "most at"];
  return table([head, ...rows]);
}
