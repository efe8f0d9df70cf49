import type { Proof } from "./prove.ts";

/** Faults of a run; empty if no request was lost and all were counted. */
export function faultsOf(proof: Proof): string[] {
  const { report, failedOperations, faults, counted } = proof;
  const { failures, failureCount, idleResets, answered } = report;
  return [
    ...failedOperations.map((why) => `an operation failed: ${why}`),
    ...faults,
    ...failures.map((failure) => JSON.stringify(failure)),
    ...(failureCount > 0 ? [`${failureCount} requests failed`] : []),
    ...(idleResets > 0 ? [`${idleResets} idle connections were reset`] : []),
    ...(counted === answered
      ? []
      : [`${answered} answers, ${counted} counted`]),
  ];
}
