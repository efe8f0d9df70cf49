/** Runs per request that came through a proxy. */

/** About 300 bytes each. */
const MAX_TEXTS = 1_000;
/** What is longer is no address and its port, but a chain, or an attack. */
const MAX_TEXT_LENGTH = 100;

/**
 * What field values mean: clients come again. To look one up costs a tenth of what it
 * does to ask whether an address is in a list of networks.
 */
export class TextMemo<Meaning> {
  readonly #known = new Map<string, Meaning>();
  readonly #read: (text: string) => Meaning;

  /** @param read always gives the same for the same text */
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

/** A part of a text would keep all of it: here the whole head. */
function copied(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
