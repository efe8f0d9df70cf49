/** Runs per response of a hosted app. */
export type WriteCallback = (error?: Error | null) => void;

/** Callbacks that an app gives to `write()` and `end()`. */
export class WriteCallbacks {
  #phase: "writing" | "ending" = "writing";
  #onWritten: WriteCallback[] | undefined = undefined;
  #onFinished: WriteCallback | undefined = undefined;

  /** A callback added from now on is that of `end()`. */
  beginEnd(): void {
    this.#phase = "ending";
  }

  add(callback: WriteCallback): void {
    if (this.#phase === "ending") this.#onFinished = callback;
    else if (this.#onWritten) this.#onWritten.push(callback);
    else this.#onWritten = [callback];
  }

  /** Everything written so far has been sent, or never will be. */
  onWritten(error?: Error): void {
    const callbacks = this.#onWritten;
    if (!callbacks) return;
    this.#onWritten = undefined;
    for (const callback of callbacks) process.nextTick(callback, error);
  }

  onFinished(): void {
    this.#onFinished?.();
  }
}
