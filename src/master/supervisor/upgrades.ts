/** The upgrade that started this master, and upgrades that it starts. */
import type { Settings } from "../../shared/config/settings.ts";
import { IncomingMaster } from "../upgrade/incoming-master.ts";
import { OutgoingMaster } from "../upgrade/outgoing-master.ts";
import type { SocketOwner } from "./effect.ts";
import type { Generations } from "./rollout/generations.ts";
import type { DecisionParts } from "./supervisor-parts.ts";

/** Time for an incoming master to exit after its workers. */
const LEAVE_GRACE_MS = 5_000;

export class Upgrades {
  readonly #parts: DecisionParts;
  readonly outgoing: OutgoingMaster;
  /** Undefined if this master was not started by another one. */
  readonly incoming: IncomingMaster | undefined;

  /** @param outgoingPid the master that started this one, if any */
  constructor(parts: DecisionParts, outgoingPid: number | undefined) {
    this.#parts = parts;
    this.outgoing = new OutgoingMaster(parts);
    this.incoming =
      outgoingPid === undefined
        ? undefined
        : new IncomingMaster(parts.logger, outgoingPid);
  }

  /** Reason to refuse an upgrade, apart from the phase and reloads. */
  get refusal(): string | undefined {
    if (this.outgoing.state !== "idle") return "an upgrade is under way";
    const pid = this.incoming?.outgoingPid;
    if (pid !== undefined) {
      return `the master before this one (${pid}) is still leaving`;
    }
    return this.#parts.upgradeObstacle;
  }

  /** The process that keeps the sockets when this one closes them. */
  get nextOwner(): SocketOwner {
    if (this.incoming?.isMaster === false) return "outgoingMaster";
    return this.outgoing.hasReleased ? "incomingMaster" : "none";
  }

  begin(generations: Generations, { upgradeTimeoutMs, drain }: Settings): void {
    const effects = this.outgoing.begin({
      generation: generations.latest,
      workers: generations.target,
      inForce: generations.inForce,
      timeoutMs: upgradeTimeoutMs,
      abortTimeoutMs: drain.deadlineMs + LEAVE_GRACE_MS,
    });
    this.#parts.effects.push(...effects);
  }

  handOver(event: Parameters<OutgoingMaster["handle"]>[0]): void {
    this.#parts.effects.push(...this.outgoing.handle(event));
  }

  takeOver(event: Parameters<IncomingMaster["handle"]>[0]): void {
    this.#parts.effects.push(...(this.incoming?.handle(event) ?? []));
  }

  tick(): void {
    this.#parts.effects.push(...this.outgoing.tick());
  }

  abandon(why: string): void {
    this.#parts.effects.push(...this.outgoing.abandon(why));
  }
}
