import type { DescriptorReserve } from "../../shared/descriptor-reserve.ts";

/** The most connections that the master itself holds, by their purpose. */
export interface ConnectionLimits {
  /** Clients that wait until a worker is ready. */
  readonly waiting: number;
  /** Clients that were sent to a worker, which has not acknowledged them. */
  readonly unacknowledged: number;
  readonly adminPort: number;
  readonly controlSocket: number;
  readonly agentCheck: number;
}

const MAX_CLIENTS = 10_000;
/** HAProxy has one connection at a time. */
const MAX_AGENT_CHECKS = 64;

/**
 * The ports of the master share the descriptor reserve, so that clients cannot
 * make the master unreachable; the other half is for everything else.
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
