import type { RequestReport } from "../../master/admin/request-report.ts";
import type { DaemonInput } from "../command-line/daemon-flags.ts";
import { readRequests } from "../daemon/daemon-requests.ts";
import { type FoundDaemon, findDaemon } from "../daemon/find-daemon.ts";
import { NoDaemonError } from "../daemon/no-daemon-error.ts";
import { exitCode } from "../exit-code.ts";
import { requestRates } from "./request-rates.ts";
import { Screen } from "./screen.ts";
import { statusText } from "./status-text.ts";
import { withVisibleOutput } from "./visible-output.ts";
import { workerRates } from "./worker-rates.ts";

export interface TopInput extends DaemonInput {
  /** Time between two readings of the status. */
  readonly intervalMs: number;
  /** Undefined: until the user quits, or once without a terminal. */
  readonly count: number | undefined;
}

interface Reading {
  readonly daemon: FoundDaemon;
  /** Undefined if the daemon does not report them. */
  readonly requests: RequestReport | undefined;
  readonly at: number;
}

/**
 * Shows the status of a daemon again and again, until the user quits.
 *
 * @returns the exit code
 */
export function showTop(input: TopInput): Promise<number> {
  return withVisibleOutput(() => show(input));
}

async function show(input: TopInput): Promise<number> {
  let before = await read(input);
  const screen = Screen.open(process.stdin, process.stdout);
  const { count = screen.isLive ? Number.POSITIVE_INFINITY : 1 } = input;
  try {
    if (screen.isLive) {
      const { status } = before.daemon;
      screen.show(statusText(status, undefined, screen.columns));
    }
    for (let shown = 0; shown < count; shown++) {
      if (await screen.endsWithin(input.intervalMs)) break;
      const next = await read(input).catch((error) => {
        // The daemon may be restarting, or between two masters.
        if (!screen.isLive || !(error instanceof NoDaemonError)) throw error;
        screen.show(`${error.message}\n`);
        return undefined;
      });
      if (!next) continue;
      screen.show(frame(before, next, screen.columns));
      before = next;
    }
    return exitCode.done;
  } finally {
    screen.close();
  }
}

async function read({ target }: TopInput): Promise<Reading> {
  const daemon = await findDaemon(target);
  const requests = await readRequests(daemon.client);
  return { daemon, requests, at: performance.now() };
}

function frame(before: Reading, next: Reading, columns: number): string {
  const seconds = (next.at - before.at) / 1000;
  const { status } = next.daemon;
  const workers = workerRates(before.daemon.status, status, seconds);
  const requests =
    before.requests &&
    next.requests &&
    requestRates(before.requests, next.requests, seconds);
  return statusText(status, { ...workers, requests }, columns);
}
