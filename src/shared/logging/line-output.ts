/**
 * Where a process writes the lines of its log. Runs per line: a write costs
 * more than all else about a line, so lines that may wait are written several
 * at a time.
 */

/**
 * Other processes write to the same pipe: what is longer than 4096 octets,
 * PIPE_BUF of POSIX, may come out with their lines in between. A character has
 * two octets at most: fields are Latin-1.
 */
const MAX_BATCH_CHARS = 2048;

/** Where not all can be kept, lines of low importance are lost first. */
export type Importance = "low" | "normal";

/** Takes all that it is given before it returns. */
export interface LineSink {
  write(lines: string, importance?: Importance): unknown;
  /** Set by who wants to know that lines were lost, and how many. */
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

  /** At once, after those that wait. */
  write(line: string): void {
    this.flush();
    this.#sink.write(escapeControls(line));
  }

  /** In the same turn of the event loop, with others; in order all the same. */
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
 * JSON escapes controls below 0x20 only. Clients may send those of eight bits
 * in fields, and terminals obey them: 0x9b is as good as ESC [.
 */
export function escapeControls(lines: string): string {
  // Hardly any line needs more than this look.
  if (Buffer.byteLength(lines) === lines.length) return lines;
  return lines.replaceAll(CONTROLS_OF_8_BITS, (control) => {
    return `\\u00${control.charCodeAt(0).toString(16)}`;
  });
}
