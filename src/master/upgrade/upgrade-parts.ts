import type { Clock } from "../../shared/clock.ts";
import type { Inheritance } from "../../shared/inheritance.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Counters } from "../../shared/metrics/counters.ts";
import type { HandoverTotals } from "../../shared/metrics/handover-totals.ts";
import type { InForce } from "../../shared/upgrade-messages.ts";
import type { StartSuccessor, SuccessorEvent } from "./successor-process.ts";

/** What the hand-over means for the parts of the master. */
export interface UpgradeHooks {
  /** Why there can be no successor now, if so. */
  refusal(): string | undefined;
  /** All that is listened on. */
  sockets(): Inheritance;
  ticketKeys(): string;
  totals(): HandoverTotals;
  /** Scrapes wait from now on for who will be the master. */
  holdAnswers(): void;
  /** This one still is. */
  resumeAnswers(): void;
  /** Everybody can find the new one now. */
  onSettled(): void;
}

export interface UpgradeParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly hooks: UpgradeHooks;
  readonly start: StartSuccessor;
  /** Puts the event into the supervisor's queue. */
  readonly enqueue: (event: SuccessorEvent) => void;
}

/** What an upgrade begins with. */
export interface UpgradeWish {
  /** The newest generation until now. */
  readonly generation: number;
  /** How many workers there should be now. */
  readonly workers: number;
  /** Settings that the incoming master must not drop silently. */
  readonly inForce: InForce;
  /** From its start until it has taken over. */
  readonly timeoutMs: number;
  /** How long it may take to leave where it has accepted clients already. */
  readonly abortTimeoutMs: number;
}
