import type { Socket } from "node:net";
import { FrameReader, frameOf } from "../../../shared/inspection/frames.ts";
import { parseWatchdogAnswer } from "../../../shared/inspection/watchdog-answers.ts";
import type { WatchdogQuestion } from "../../../shared/inspection/watchdog-channel.ts";
import type { WatchdogEvent } from "./worker-process.ts";

type OnEvent = (event: WatchdogEvent, data: Buffer | undefined) => void;

/** The master's end of the channel to the watchdog of a worker. */
export class WatchdogLink {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #isBroken = false;

  constructor(socket: Socket, onEvent: OnEvent) {
    this.#socket = socket;
    // It must neither keep the master alive nor end it, and its EOF must be
    // read.
    socket
      .on("error", () => {})
      .on("data", (chunk: Buffer) => this.#onData(chunk, onEvent))
      .unref();
  }

  ask(question: WatchdogQuestion): void {
    if (this.#socket.writable) this.#socket.write(frameOf(question));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #onData(chunk: Buffer, onEvent: OnEvent): void {
    if (this.#isBroken) return;
    try {
      for (const { head, data } of this.#reader.push(chunk)) {
        onEvent(parseWatchdogAnswer(head), data);
      }
    } catch {
      this.#isBroken = true;
      onEvent({ type: "unreadable" }, undefined);
    }
  }
}
