/** Runs per request that came through a proxy. */

/** An entry costs about 300 bytes. */
const MAX_TEXTS = 1_000;
/** A longer text is a chain of addresses or an attack, not worth keeping. */
const MAX_TEXT_LENGTH = 100;

/**
 * Caches the meaning of field values, because clients send many requests. A
 * lookup costs a tenth of matching an address against a list of networks.
 */
export class TextMemo<Meaning> {
  readonly #known = new Map<string, Meaning>();
  readonly #read: (text: string) => Meaning;

  /** @param read a pure function of the text */
  constructor(read: (text: string) => Meaning) {
    this.#read = read;
  }

  meaningOf(text: string): Meaning {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (text.length > MAX_TEXT_LENGTH) return this.#read(text);
    const kept = copied(text);
    const found = this.#read(kept);
    if (this.#known.size >= MAX_TEXTS) this.#known.clear();
    this.#known.set(kept, found);
    return found;
  }
}

/** A slice would keep the whole request head in memory. */
function copied(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
