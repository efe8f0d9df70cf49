import type {
  IncomingPeer,
  SpawnIncoming,
} from "../../../src/master/upgrade/incoming-link.ts";
import type { OutgoingEvent } from "../../../src/master/upgrade/outgoing-master.ts";
import type { Inheritance } from "../../../src/shared/inheritance.ts";
import {
  type FromIncoming,
  type ToIncoming,
  UPGRADE_PROTOCOL,
} from "../../../src/shared/upgrade-messages.ts";

/** An incoming master that the test plays. */
export class FakeIncomingProcess implements IncomingPeer {
  readonly pid = 4242;
  readonly sockets: Inheritance;
  /** Types of the messages that it got. */
  readonly told: ToIncoming["type"][] = [];
  wasKilled = false;
  isForgotten = false;
  readonly #onEvent: (event: OutgoingEvent) => void;

  constructor(sockets: Inheritance, onEvent: (event: OutgoingEvent) => void) {
    this.sockets = sockets;
    this.#onEvent = onEvent;
  }

  async send(message: ToIncoming): Promise<void> {
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

  say(message: FromIncoming): void {
    this.#onEvent({ type: "message", message });
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

/** Spawns them; an entry in `failures` makes the next one impossible. */
export function fakeIncomingProcesses() {
  const processes: FakeIncomingProcess[] = [];
  const failures: string[] = [];
  const spawn: SpawnIncoming = (sockets, onEvent) => {
    const failure = failures.shift();
    if (failure !== undefined) throw new Error(failure);
    const incoming = new FakeIncomingProcess(sockets, onEvent);
    processes.push(incoming);
    return incoming;
  };
  return { spawn, processes, failures };
}
