/**
 * The answers to `remuda logs`. A client that follows is sent new lines until it
 * or the master leaves. One that does not read is told how many lines it has
 * missed, and nothing waits for it.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { AdminStream, StreamClient } from "../admin/admin-server.ts";
import type { LogRings } from "./log-rings.ts";
import { type LogFilter, LogTail } from "./log-tail.ts";

export interface LogQuery extends LogFilter {
  /** Maximum number of recent lines. */
  readonly lines: number;
  readonly follows: boolean;
}

const POLL_MS = 100;
/** Bytes that a client may leave unread. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** Each reads all rings ten times a second. */
const MAX_FOLLOWERS = 16;

const WARN = 40;

export class LogStreams {
  readonly #rings: LogRings;
  readonly #ending = new AbortController();
  #followers = 0;

  constructor(rings: LogRings) {
    this.#rings = rings;
  }

  /** Reason why lines cannot be sent; undefined if they can. */
  refusal({ follows }: LogQuery): string | undefined {
    if (!this.#rings.ring) {
      return "there is no room for recent lines, in /dev/shm or for temporary files";
    }
    if (!follows || this.#followers < MAX_FOLLOWERS) return undefined;
    return `${MAX_FOLLOWERS} clients follow the log already`;
  }

  open(query: LogQuery): AdminStream {
    const tail = new LogTail(this.#rings, query);
    const body: AdminStream["body"] = async (write, client) => {
      const send = (lines: readonly string[]) => {
        if (lines.length > 0) write(`${lines.join("\n")}\n`);
      };
      send(await tail.recent(query.lines));
      if (!query.follows) return;
      this.#followers++;
      try {
        await this.#follow(tail, send, client);
      } finally {
        this.#followers--;
      }
    };
    return { status: 200, contentType: "application/x-ndjson", body };
  }

  /** Sends the last lines, and ends all answers: the master leaves. */
  end(): void {
    this.#ending.abort();
  }

  async #follow(
    tail: LogTail,
    send: (lines: readonly string[]) => void,
    client: StreamClient,
  ): Promise<void> {
    const signal = AbortSignal.any([this.#ending.signal, client.signal]);
    let unseen = 0;
    let isOver = false;
    while (!isOver) {
      isOver = await delay(POLL_MS, false, { signal }).catch(() => true);
      const { lines, missed } = tail.next();
      unseen += missed;
      if (client.unsentBytes > MAX_UNSENT_BYTES) {
        unseen += lines.length;
        continue;
      }
      if (unseen > 0) send([noticeOf(unseen)]);
      unseen = 0;
      send(lines);
    }
  }
}

function noticeOf(lines: number): string {
  return JSON.stringify({
    level: WARN,
    time: Date.now(),
    pid: process.pid,
    role: "master",
    lines,
    msg: "lines are not shown: they came faster than they were read",
  });
}
