import type { Latency } from "./load/load.ts";
import type { ServerName } from "./server-catalog.ts";

/** What one server did in one round. */
export interface Sample extends Partial<UsageFigures> {
  readonly server: ServerName;
  readonly round: number;
  readonly requests: number;
  readonly seconds: number;
  readonly failures: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: Latency | undefined;
  /** Of all bodies, sent and received, where the scenario counts them. */
  readonly bytesPerSecond?: number;
}

/** Of all processes of a server; not known without `/proc`. */
export interface UsageFigures {
  /** User and system time. */
  readonly cpuMicrosPerRequest: number;
  /** Of that, what was not spent in the kernel. */
  readonly userMicrosPerRequest: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** At the end of the round. */
  readonly residentMib: number;
}
