/** Shows lines of the log of a daemon, and follows it through upgrades. */
import { once } from "node:events";
import { MAX_LOG_LINES } from "../../shared/control/log-limits.ts";
import { prettyLine } from "../../shared/logging/pretty-line.ts";
import type { LogFormat } from "../../shared/logging/pretty-output.ts";
import {
  hasColors,
  isOnTerminal,
} from "../../shared/logging/standard-stream.ts";
import { visibleText } from "../../shared/visible-text.ts";
import type { DaemonInput } from "../command-line/daemon-flags.ts";
import { findDaemon } from "../daemon/find-daemon.ts";
import { NoDaemonError } from "../daemon/no-daemon-error.ts";
import { exitCode } from "../exit-code.ts";
import { withVisibleOutput } from "./visible-output.ts";

export interface LogsInput extends DaemonInput {
  readonly query: LogsQuery;
  readonly format: LogFormat;
}

interface LogsQuery {
  readonly follows: boolean;
  readonly worker: number | undefined;
  readonly level: string | undefined;
  readonly lines: number;
}

export function showLogs(input: LogsInput): Promise<number> {
  const { target, query } = input;
  return withVisibleOutput(async ({ err }) => {
    const { signal, show } = new Lines(input.format);
    let { lines } = query;
    let { client } = await findDaemon(target);
    for (;;) {
      const path = pathOf({ ...query, lines });
      for await (const line of client.follow(path, signal)) await show(line);
      if (!query.follows || signal.aborted) return exitCode.done;
      try {
        ({ client } = await findDaemon(target));
      } catch (error) {
        if (!(error instanceof NoDaemonError)) throw error;
        err("the daemon has ended");
        return exitCode.done;
      }
      // Another master, after an upgrade: all of its lines are new.
      lines = MAX_LOG_LINES;
    }
  });
}

function pathOf({ follows, worker, level, lines }: LogsQuery): string {
  const query = new URLSearchParams({
    lines: String(lines),
    ...(worker !== undefined && { worker: String(worker) }),
    ...(level !== undefined && { level }),
    ...(follows && { follow: "" }),
  });
  return `/control/logs?${query}`;
}

/** Writes lines as fast as the reader of the output takes them. */
class Lines {
  readonly #closed = new AbortController();
  readonly #format: (line: string) => string;

  constructor(format: LogFormat) {
    const isPretty =
      format === "pretty" || (format === "auto" && isOnTerminal());
    const options = { hasColor: hasColors(process.env) };
    this.#format = isPretty
      ? (line) => prettyLine(line, options)
      : (line) => visibleText(line);
    process.stdout.on("error", () => this.#closed.abort());
  }

  /** Aborts when nobody reads the output any more. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  readonly show = async (line: string): Promise<void> => {
    const { signal } = this;
    const isTaken = process.stdout.write(`${this.#format(line)}\n`);
    if (isTaken || signal.aborted) return;
    await once(process.stdout, "drain", { signal }).catch(() => {});
  };
}
