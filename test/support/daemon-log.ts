import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A line as pino wrote it; `{ unparsed }` if it is not a JSON object. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly msg?: string;
  readonly pid?: number;
};

/** The text of `msg`, or a predicate for a line. */
export type LogMatch = string | ((line: LogLine) => unknown);

export interface LogWaitOptions {
  /** Default 60 s: only a line that never comes takes that long. */
  readonly timeoutMs?: number;
  /**
   * Index of the first line to search. Default 0, which includes earlier lines.
   */
  readonly since?: number;
}

interface Waiter {
  readonly matches: (line: LogLine) => unknown;
  readonly settle: (line: LogLine | Error) => void;
}

const TAIL_LINES = 20;

/** The output lines of a process, with waiting for a line. */
export class DaemonLog {
  readonly lines: LogLine[] = [];
  readonly #waiters = new Set<Waiter>();
  #hasEnded = false;

  constructor(output: Readable) {
    const lines = createInterface({ input: output });
    lines.on("line", (line) => this.#handleLine(parseLine(line)));
    lines.on("close", () => this.#handleEnd());
  }

  /** Whether no process can write to the output any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last lines, for error messages. */
  get tail(): string {
    const last = this.lines.slice(-TAIL_LINES);
    return last.map((line) => JSON.stringify(line)).join("\n");
  }

  /**
   * Returns the first matching line; rejects at a time-out or the end of
   * output.
   */
  async waitFor(
    match: LogMatch,
    { timeoutMs = 60_000, since = 0 }: LogWaitOptions = {},
  ): Promise<LogLine> {
    const matches =
      typeof match === "string" ? (line: LogLine) => line.msg === match : match;
    const past = this.lines.slice(since).find(matches);
    if (past !== undefined) return past;
    const what = typeof match === "string" ? `"${match}"` : `${match}`;
    if (this.#hasEnded) throw this.#error(`output ended without ${what}`);
    return this.#waitForNext(matches, what, timeoutMs);
  }

  async #waitForNext(
    matches: Waiter["matches"],
    what: string,
    timeoutMs: number,
  ): Promise<LogLine> {
    const result = await new Promise<LogLine | Error>((resolve) => {
      const timer = setTimeout(() => {
        waiter.settle(this.#error(`no ${what} after ${timeoutMs} ms`));
      }, timeoutMs);
      const waiter: Waiter = {
        matches,
        settle: (lineOrError) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(lineOrError);
        },
      };
      this.#waiters.add(waiter);
    });
    if (result instanceof Error) throw result;
    return result;
  }

  #handleLine(line: LogLine): void {
    this.lines.push(line);
    for (const waiter of [...this.#waiters]) {
      try {
        if (waiter.matches(line)) waiter.settle(line);
      } catch (error) {
        waiter.settle(error as Error);
      }
    }
  }

  #handleEnd(): void {
    this.#hasEnded = true;
    const error = this.#error("output ended without the line waited for");
    for (const waiter of [...this.#waiters]) waiter.settle(error);
  }

  #error(message: string): Error {
    return new Error(`${message}; the last lines:\n${this.tail}`);
  }
}

function parseLine(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as LogLine;
  } catch {
    // Not written by pino; kept unparsed.
  }
  return { unparsed: text };
}
