import type {
  StartSuccessor,
  Successor,
  SuccessorEvent,
} from "../../../src/master/upgrade/successor-process.ts";
import type { Inheritance } from "../../../src/shared/inheritance.ts";
import {
  type FromSuccessor,
  type ToSuccessor,
  UPGRADE_PROTOCOL,
} from "../../../src/shared/upgrade-messages.ts";

/** A new master that the test plays. */
export class PlayedSuccessor implements Successor {
  readonly pid = 4242;
  readonly sockets: Inheritance;
  /** What it was told, by type. */
  readonly told: ToSuccessor["type"][] = [];
  wasKilled = false;
  isForgotten = false;
  readonly #onEvent: (event: SuccessorEvent) => void;

  constructor(sockets: Inheritance, onEvent: (event: SuccessorEvent) => void) {
    this.sockets = sockets;
    this.#onEvent = onEvent;
  }

  async tell(message: ToSuccessor): Promise<void> {
    this.told.push(message.type);
  }

  pass(): boolean {
    return true;
  }

  kill(): void {
    this.wasKilled = true;
  }

  forget(): void {
    this.isForgotten = true;
  }

  say(message: FromSuccessor): void {
    this.#onEvent({ type: "said", message });
  }

  hello(protocol = UPGRADE_PROTOCOL): void {
    this.say({ type: "hello", protocol });
  }

  ready(...sockets: string[]): void {
    this.say({ type: "ready", sockets });
  }

  taken(): void {
    this.say({ type: "taken" });
  }

  settled(): void {
    this.say({ type: "settled" });
  }

  speakNonsense(): void {
    this.#onEvent({ type: "broken", error: "nonsense" });
  }

  leave(how = "it left with code 1"): void {
    this.#onEvent({ type: "gone", how });
  }
}

/** Starts them; `fails` makes the next one impossible. */
export function playedSuccessors() {
  const successors: PlayedSuccessor[] = [];
  const failures: string[] = [];
  const start: StartSuccessor = (sockets, onEvent) => {
    const failure = failures.shift();
    if (failure !== undefined) throw new Error(failure);
    const successor = new PlayedSuccessor(sockets, onEvent);
    successors.push(successor);
    return successor;
  };
  return { start, successors, failures };
}
