/**
 * Which message of a worker may come when. Anything else is none of ours: the
 * worker's own code keeps to this order.
 *
 *   silent ─► greeted ─► serving ─► finished
 */
import type { WorkerMessage } from "../../../shared/ipc-messages.ts";

type Phase = "silent" | "greeted" | "serving" | "finished";
type MessageType = WorkerMessage["type"];

/** By phase, what each message that may come leads to. */
const NEXT: Readonly<
  Record<Phase, Readonly<Partial<Record<MessageType, Phase>>>>
> = {
  silent: { hello: "greeted", failed: "finished" },
  greeted: {
    ready: "serving",
    // An app that is told to leave as it starts has nothing to serve.
    leaving: "finished",
    failed: "finished",
    count: "greeted",
    retire: "greeted",
  },
  serving: {
    heartbeat: "serving",
    accepted: "serving",
    connections: "serving",
    count: "serving",
    retire: "serving",
    leaving: "finished",
  },
  // A worker may still send these while it exits.
  finished: { count: "finished", connections: "finished", retire: "finished" },
};

export class WorkerConversation {
  #phase: Phase = "silent";

  /** @throws Error where the message may not come now */
  note(type: MessageType): void {
    const next = NEXT[this.#phase][type];
    if (!next) throw new Error(`"${type}" in the phase "${this.#phase}"`);
    this.#phase = next;
  }
}
