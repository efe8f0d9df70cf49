import type { Importance, LineSink } from "./line-output.ts";
import type { LineRing } from "./line-ring.ts";

/** Writes lines, and keeps the recent ones for `remuda logs`. */
export class RecordedOutput implements LineSink {
  readonly #sink: LineSink;
  readonly #ring: LineRing;

  constructor(sink: LineSink, ring: LineRing) {
    this.#sink = sink;
    this.#ring = ring;
  }

  set onDropped(listener: (lines: number) => void) {
    this.#sink.onDropped = listener;
  }

  write(lines: string, importance?: Importance): void {
    this.#ring.write(lines);
    this.#sink.write(lines, importance);
  }
}
