/** Longer names of sticky sessions are not looked at. */
export const MAX_SESSION_CHARS = 256;

/** Sessions that a process knows at a time: about 20 MB. */
const MAX_SESSIONS = 100_000;

/** Values by session; of too many, the least recently used are forgotten. */
export class RecentSessions<Value> {
  /** The least recently used session first. */
  readonly #values = new Map<string, Value>();

  get size(): number {
    return this.#values.size;
  }

  set(session: string, value: Value): void {
    this.#values.delete(session);
    this.#values.set(session, value);
    if (this.#values.size <= MAX_SESSIONS) return;
    const [oldest] = this.#values.keys();
    this.#values.delete(oldest as string);
  }

  /** Looks a value up, which is a use. */
  use(session: string): Value | undefined {
    const value = this.#values.get(session);
    if (value !== undefined) this.set(session, value);
    return value;
  }

  /** Forgets all sessions with this value. */
  forget(value: Value): void {
    for (const [session, each] of this.#values) {
      if (each === value) this.#values.delete(session);
    }
  }
}
