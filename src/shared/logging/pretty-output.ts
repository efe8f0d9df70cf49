import type { Importance, LineSink } from "./line-output.ts";
import { type PrettyLineOptions, prettyLine } from "./pretty-line.ts";
import {
  hasColors,
  isOnTerminal,
  standardOutputLines,
} from "./standard-stream.ts";

/** Form of lines on the standard output; "auto": pretty on a terminal. */
export type LogFormat = "auto" | "json" | "pretty";

/** The standard output, for the lines of the log in a format. */
export function standardLog(format: LogFormat): LineSink {
  const output = standardOutputLines();
  const isPretty = format === "pretty" || (format === "auto" && isOnTerminal());
  if (!isPretty) return output;
  return new PrettyOutput(output, { hasColor: hasColors(process.env) });
}

/** Formats JSON lines for people. */
export class PrettyOutput implements LineSink {
  readonly #sink: LineSink;
  readonly #options: PrettyLineOptions;

  constructor(sink: LineSink, options: PrettyLineOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  set onDropped(listener: (lines: number) => void) {
    this.#sink.onDropped = listener;
  }

  write(lines: string, importance?: Importance): void {
    const all = lines.endsWith("\n") ? lines.slice(0, -1) : lines;
    const pretty = all
      .split("\n")
      .map((line) => `${prettyLine(line, this.#options)}\n`);
    this.#sink.write(pretty.join(""), importance);
  }
}
