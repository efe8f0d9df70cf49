/** Runs before the first request, or after the last one. */
export type LifecycleHook = () => void | Promise<void>;

export class Lifecycle {
  readonly #onStart: LifecycleHook[] = [];
  readonly #onStop: LifecycleHook[] = [];
  /** Number of start hooks that have been called. */
  #started = 0;

  onStart(hook: LifecycleHook): void {
    this.#onStart.push(hook);
  }

  onStop(hook: LifecycleHook): void {
    this.#onStop.push(hook);
  }

  /** Appends the hooks of another instance. */
  include(other: Lifecycle): void {
    this.#onStart.push(...other.#onStart);
    this.#onStop.push(...other.#onStop);
  }

  /** Calls the hooks one after the other. @throws the error of a hook */
  async start(): Promise<void> {
    for (const hook of this.#onStart.slice(this.#started)) {
      this.#started++;
      await hook();
    }
  }

  /**
   * Calls the hooks one after the other, the last one first. All run, even if
   * one fails.
   *
   * @returns the errors of hooks
   */
  async stop(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const hook of this.#onStop.splice(0).reverse()) {
      try {
        await hook();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
