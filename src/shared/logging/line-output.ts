/**
 * Writes the log lines of a process. Runs per line: the write is the largest
 * cost of a line, so lines that may wait share a write.
 */

/**
 * Other processes write to the same pipe. A write of more than PIPE_BUF (4096
 * bytes on Linux) may be mixed with theirs. A character has at most two bytes,
 * because fields are Latin-1.
 */
const MAX_BATCH_CHARS = 2048;

/** If lines must be dropped, those of low importance are dropped first. */
export type Importance = "low" | "normal";

/** Accepts all lines synchronously: it writes, buffers or drops them. */
export interface LineSink {
  write(lines: string, importance?: Importance): unknown;
  /** Called with the number of lost lines; set by the user of the sink. */
  onDropped?: ((lines: number) => void) | undefined;
}

export class LineOutput implements LineSink {
  readonly #sink: LineSink;
  #waiting = "";
  #isFlushDue = false;
  #flushesAtExit = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  /** Writes at once, after the waiting lines. */
  write(line: string): void {
    this.flush();
    this.#sink.write(escapeControls(line));
  }

  /** Writes in the same turn of the event loop, in batches and in order. */
  readonly later: LineSink = { write: (line) => this.#hold(line) };

  flush(): void {
    if (this.#waiting === "") return;
    const lines = this.#waiting;
    this.#waiting = "";
    this.#sink.write(escapeControls(lines), "low");
  }

  #hold(line: string): void {
    if (this.#waiting.length + line.length > MAX_BATCH_CHARS) this.flush();
    this.#waiting += line;
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.flush();
    });
    if (this.#flushesAtExit) return;
    this.#flushesAtExit = true;
    process.on("exit", () => this.flush());
  }
}

const CONTROLS_OF_8_BITS = /[\x80-\x9f]/g;

/**
 * Escapes C1 controls (0x80 to 0x9f), because JSON escapes only those below
 * 0x20. Clients may send them in fields, and terminals interpret them: 0x9b is
 * equivalent to ESC [.
 */
export function escapeControls(lines: string): string {
  // A fast check: nearly all lines are ASCII.
  if (Buffer.byteLength(lines) === lines.length) return lines;
  return lines.replaceAll(CONTROLS_OF_8_BITS, (control) => {
    return `\\u00${control.charCodeAt(0).toString(16)}`;
  });
}
