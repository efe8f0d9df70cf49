/**
 * The current input of a thread, in memory that another thread can read even
 * while the first one hangs.
 */
export interface CurrentInput {
  readonly property: string;
  readonly input: unknown;
}

const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 8;

export class Progress {
  readonly memory: SharedArrayBuffer;
  /** Number of started inputs, and byte length of the current input's text. */
  readonly #head: Int32Array;
  readonly #text: Uint8Array;

  constructor(memory = new SharedArrayBuffer(HEAD_BYTES + MAX_TEXT_BYTES)) {
    this.memory = memory;
    this.#head = new Int32Array(memory, 0, HEAD_BYTES / 4);
    this.#text = new Uint8Array(memory, HEAD_BYTES);
  }

  get count(): number {
    return Atomics.load(this.#head, 0);
  }

  begin(current: CurrentInput): void {
    const text = JSON.stringify(current);
    const { written } = new TextEncoder().encodeInto(text, this.#text);
    Atomics.store(this.#head, 1, written);
    Atomics.add(this.#head, 0, 1);
  }

  /** @throws SyntaxError if the input was larger than the memory */
  current(): CurrentInput {
    const bytes = this.#text.slice(0, Atomics.load(this.#head, 1));
    return JSON.parse(new TextDecoder().decode(bytes)) as CurrentInput;
  }
}
