import type { DescriptorReserve } from "../../shared/descriptor-reserve.ts";

/** Limits on the connections that the master itself holds, by purpose. */
export interface ConnectionLimits {
  /** Clients that wait until a worker is ready. */
  readonly waiting: number;
  /** Clients that were sent to a worker and not yet acknowledged. */
  readonly unacknowledged: number;
  readonly adminPort: number;
  readonly controlSocket: number;
  readonly agentCheck: number;
}

const MAX_CLIENTS = 10_000;
/** HAProxy opens one connection at a time. */
const MAX_AGENT_CHECKS = 64;

/**
 * The ports of the master share half of the descriptor reserve, so that clients
 * cannot make the master unreachable; the other half is for everything else.
 */
export function connectionLimits(reserve: DescriptorReserve): ConnectionLimits {
  return {
    waiting: MAX_CLIENTS,
    unacknowledged: MAX_CLIENTS,
    adminPort: reserve.share(1 / 4),
    controlSocket: reserve.share(1 / 8),
    agentCheck: Math.min(reserve.share(1 / 8), MAX_AGENT_CHECKS),
  };
}
