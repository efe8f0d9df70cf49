import type { ScenarioResult } from "./results-file.ts";

/** How long and how hard a scenario was measured, in one line. */
export function howText(result: ScenarioResult): string {
  return `${effortText(result)}; ${result.pinning}`;
}

function effortText({ load, effort }: ScenarioResult): string {
  const { rounds, seconds, connections, pipelining } = effort;
  if (pipelining === undefined) {
    const efforts = Object.entries(effort).map((entry) => entry.join(" "));
    return `${load}; ${efforts.join(", ")}`;
  }
  const depth = pipelining > 1 ? `, ${pipelining} requests in flight each` : "";
  const times = `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  return `${times} of ${seconds} s, ${load} with ${connections} connections${depth}`;
}
