/**
 * Asks the master, which counts for all of its workers. Runs per counted
 * request: what one turn of the event loop asks travels in one message.
 */
import type {
  Count,
  CountEntry,
  Counter,
} from "../../../shared/rate-limits/counter.ts";

/** Tells the master; false where there is none any more. */
export type AskMaster = (id: number, entries: readonly CountEntry[]) => boolean;

interface Question {
  readonly entry: CountEntry;
  readonly resolve: (count: Count) => void;
  readonly reject: (error: Error) => void;
}

/** Of a master that does not answer so much is remembered, not more. */
const MAX_OPEN_BATCHES = 1_000;

export class InstanceCounter implements Counter {
  readonly #ask: AskMaster;
  readonly #open = new Map<number, readonly Question[]>();
  #next: Question[] = [];
  #lastId = 0;

  constructor(ask: AskMaster) {
    this.#ask = ask;
  }

  /** Lets the master make ready to count, before the first request. */
  prepare(): void {
    this.#ask(++this.#lastId, []);
  }

  count(entry: CountEntry): Promise<Count> {
    return new Promise((resolve, reject) => {
      if (this.#next.length === 0) setImmediate(() => this.#send());
      this.#next.push({ entry, resolve, reject });
    });
  }

  /** The master's answer, in the order of the question. */
  onCounted(id: number, counts: readonly Count[]): void {
    const questions = this.#open.get(id) ?? [];
    this.#open.delete(id);
    for (const [at, { resolve, reject }] of questions.entries()) {
      const count = counts[at];
      if (count) resolve(count);
      else reject(new Error("the master did not count"));
    }
  }

  #send(): void {
    const questions = this.#next;
    this.#next = [];
    const id = ++this.#lastId;
    this.#open.set(id, questions);
    const entries = questions.map(({ entry }) => entry);
    if (!this.#ask(id, entries)) this.#giveUp(id, "the master is gone");
    if (this.#open.size <= MAX_OPEN_BATCHES) return;
    const [oldest] = this.#open.keys();
    this.#giveUp(oldest as number, "the master does not answer");
  }

  #giveUp(id: number, why: string): void {
    const questions = this.#open.get(id) ?? [];
    this.#open.delete(id);
    for (const { reject } of questions) reject(new Error(why));
  }
}
