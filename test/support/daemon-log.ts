import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A line as pino wrote it; `{ unparsed }` if it is no JSON object. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly msg?: string;
  readonly pid?: number;
};

/** The text of `msg`, or a question to each line. */
export type LogMatch = string | ((line: LogLine) => unknown);

export interface LogWaitOptions {
  /** Default 60 s: only what never comes takes so long. */
  readonly timeoutMs?: number;
  /** Index of the first line that counts. Default 0: lines of the past too. */
  readonly since?: number;
}

interface Waiter {
  readonly matches: (line: LogLine) => unknown;
  readonly settle: (line: LogLine | Error) => void;
}

const TAIL_LINES = 20;

/** The lines of a process's output, and who waits for one. */
export class DaemonLog {
  readonly lines: LogLine[] = [];
  readonly #waiters = new Set<Waiter>();
  #hasEnded = false;

  constructor(output: Readable) {
    const lines = createInterface({ input: output });
    lines.on("line", (line) => this.#handleLine(parseLine(line)));
    lines.on("close", () => this.#handleEnd());
  }

  /** Whether nobody can write any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last lines, for error messages. */
  get tail(): string {
    const last = this.lines.slice(-TAIL_LINES);
    return last.map((line) => JSON.stringify(line)).join("\n");
  }

  /** The first line that matches; rejects at time-out and end of output. */
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
    // Not a line of pino's; kept as it is.
  }
  return { unparsed: text };
}
