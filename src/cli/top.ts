/** The live view: looks at the daemon again and again until told to end. */
import type { DaemonCommand } from "../shared/config/daemon-command.ts";
import { type FoundDaemon, findDaemon } from "./find-daemon.ts";
import { NoDaemonError } from "./no-daemon-error.ts";
import { ratesBetween } from "./rates-between.ts";
import { Screen } from "./screen.ts";
import { statusText } from "./status-text.ts";

type TopCommand = Extract<DaemonCommand, { readonly command: "top" }>;

interface Look {
  readonly daemon: FoundDaemon;
  readonly at: number;
}

/** @returns the exit code */
export async function runTop(command: TopCommand): Promise<number> {
  const { intervalMs } = command;
  let before: Look = await look(command);
  const screen = Screen.open(process.stdin, process.stdout);
  const { count = screen.isLive ? Number.POSITIVE_INFINITY : 1 } = command;
  try {
    if (screen.isLive) screen.show(statusText(before.daemon.status));
    for (let shown = 0; shown < count; shown++) {
      if (await screen.endsWithin(intervalMs)) break;
      const next = await look(command).catch((error) => {
        // It may be about to come again, or have been upgraded.
        if (!screen.isLive || !(error instanceof NoDaemonError)) throw error;
        screen.show(`${error.message}\n`);
        return undefined;
      });
      if (!next) continue;
      screen.show(frame(before, next));
      before = next;
    }
    return 0;
  } finally {
    screen.close();
  }
}

async function look({ target }: TopCommand): Promise<Look> {
  const daemon = await findDaemon(target);
  return { daemon, at: performance.now() };
}

function frame(before: Look, next: Look): string {
  const seconds = (next.at - before.at) / 1000;
  const { status } = next.daemon;
  const rates = ratesBetween(before.daemon.status, status, seconds);
  return statusText(status, rates);
}
