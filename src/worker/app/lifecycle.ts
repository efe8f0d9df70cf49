/** What an app does before its first request and after its last one. */
export type LifecycleHook = () => void | Promise<void>;

export class Lifecycle {
  readonly #onStart: LifecycleHook[] = [];
  readonly #onStop: LifecycleHook[] = [];
  /** How many of the hooks for the start have been called. */
  #started = 0;

  onStart(hook: LifecycleHook): void {
    this.#onStart.push(hook);
  }

  onStop(hook: LifecycleHook): void {
    this.#onStop.push(hook);
  }

  /** Takes over the hooks of another one, at their place in the order. */
  include(other: Lifecycle): void {
    this.#onStart.push(...other.#onStart);
    this.#onStop.push(...other.#onStop);
  }

  /** Calls the hooks one after the other. @throws what a hook throws */
  async start(): Promise<void> {
    for (const hook of this.#onStart.slice(this.#started)) {
      this.#started++;
      await hook();
    }
  }

  /**
   * Calls the hooks one after the other, the last one first; one that fails
   * does not keep the others from their work.
   *
   * @returns what they threw
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
