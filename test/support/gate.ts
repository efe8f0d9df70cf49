import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** Holds loops while the client is paused, and tells them when it stops. */
export class Gate {
  readonly #loopCount: number;
  #state: "open" | "closed" | "ended" = "open";
  #waiting: ((mayPass: boolean) => void)[] = [];
  #onAllWaiting: (() => void)[] = [];
  #wake = newWake();

  constructor(loopCount: number) {
    this.#loopCount = loopCount;
  }

  /** Waits while the gate is closed; returns whether to continue. */
  async pass(): Promise<boolean> {
    if (this.#state !== "closed") return this.#state === "open";
    const mayPass = new Promise<boolean>((resolve) => {
      this.#waiting.push(resolve);
    });
    this.#tellIfAllWait();
    return mayPass;
  }

  /** Sleeps; returns whether the full time passed with the gate open. */
  async sleep(durationMs: number): Promise<boolean> {
    if (durationMs > 0 && this.#state === "open") {
      const { signal } = this.#wake;
      await delay(durationMs, undefined, { signal }).catch(() => {});
    }
    return this.#state === "open";
  }

  async close(): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "closed";
    this.#wake.abort();
    await new Promise<void>((resolve) => {
      this.#onAllWaiting.push(resolve);
      this.#tellIfAllWait();
    });
  }

  open(): void {
    if (this.#state === "closed") this.#leave("open");
  }

  end(): void {
    this.#leave("ended");
  }

  #leave(state: "open" | "ended"): void {
    this.#state = state;
    if (state === "open") this.#wake = newWake();
    else this.#wake.abort();
    // The pause has ended, so callers waiting for it are released.
    for (const resolve of this.#onAllWaiting.splice(0)) resolve();
    for (const resolve of this.#waiting.splice(0)) resolve(state === "open");
  }

  #tellIfAllWait(): void {
    if (this.#waiting.length < this.#loopCount) return;
    for (const resolve of this.#onAllWaiting.splice(0)) resolve();
  }
}

function newWake(): AbortController {
  const wake = new AbortController();
  // Each sleeping loop listens to the same signal.
  setMaxListeners(0, wake.signal);
  return wake;
}
