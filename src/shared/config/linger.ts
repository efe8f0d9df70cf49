import type { Settings } from "./settings.ts";

/** For requests that the balancer sends just before it closes. */
const MARGIN_MS = 1_000;

type Drain = Pick<Settings["drain"], "lingerMs" | "deadlineMs">;

/**
 * How long a drain should keep idle connections. One that closes before the
 * balancer closes it can lose a request that is on its way.
 */
export function wantedLingerMs(
  { lingerMs }: Pick<Drain, "lingerMs">,
  loadBalancerIdleMs: number,
): number {
  if (loadBalancerIdleMs === 0) return lingerMs;
  return Math.max(lingerMs, loadBalancerIdleMs + MARGIN_MS);
}

/** How long a drain keeps idle connections. */
export function lingerMsOf(drain: Drain, loadBalancerIdleMs: number): number {
  return Math.min(wantedLingerMs(drain, loadBalancerIdleMs), drain.deadlineMs);
}
