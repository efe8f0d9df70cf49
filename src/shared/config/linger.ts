import type { Settings } from "./settings.ts";

/** What the balancer sends just before it gives a connection up arrives. */
const MARGIN_MS = 1_000;

type Drain = Pick<Settings["drain"], "lingerMs" | "deadlineMs">;

/**
 * How long a drain should keep idle connections: who closes one before the
 * balancer does may lose the request that is on its way.
 */
export function wantedLingerMs(
  { lingerMs }: Pick<Drain, "lingerMs">,
  loadBalancerIdleMs: number,
): number {
  if (loadBalancerIdleMs === 0) return lingerMs;
  return Math.max(lingerMs, loadBalancerIdleMs + MARGIN_MS);
}

/** How long a drain keeps them. */
export function lingerMsOf(drain: Drain, loadBalancerIdleMs: number): number {
  return Math.min(wantedLingerMs(drain, loadBalancerIdleMs), drain.deadlineMs);
}
