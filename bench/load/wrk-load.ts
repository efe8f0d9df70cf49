import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { type Children, killTree } from "../children.ts";
import { pinned } from "../pinning.ts";
import {
  LOAD_GRACE_MS,
  type LoadGenerator,
  type LoadJob,
  type LoadResult,
} from "./load.ts";
import { requestText } from "./request-text.ts";

const ANSWER_TIMEOUT_SECONDS = 10;
const SCRIPT = path.join(import.meta.dirname, "wrk.lua");

/** wrk in one thread. It looks at the status of an answer, not at its body. */
export class WrkLoad implements LoadGenerator {
  readonly name = "wrk";
  readonly #children: Children;
  readonly #core: number | undefined;

  constructor(children: Children, core: number | undefined) {
    this.#children = children;
    this.#core = core;
  }

  refusal(): undefined {}

  async run(job: LoadJob): Promise<LoadResult> {
    const child = this.#children.spawn(pinned(command(job), this.#core), {
      env: { ...process.env, BENCH_PIPELINING: String(job.pipelining) },
      stdio: ["pipe", "pipe", "inherit"],
    });
    (child.stdin as Writable).end(requestsText(job));
    const timeoutMs = job.seconds * 1000 + LOAD_GRACE_MS;
    const timer = setTimeout(() => killTree(child), timeoutMs);
    const output = await text(child.stdout as Readable);
    clearTimeout(timer);
    const line = output.split("\n").find((one) => one.startsWith("{"));
    if (!line) throw new Error(`wrk did not end well:\n${output}`);
    const result = JSON.parse(line) as LoadResult;
    // It takes the time of a whole batch only, and of few of them.
    return job.pipelining > 1 ? { ...result, latencyMs: undefined } : result;
  }

  close(): void {}
}

function command({ connections, seconds, port }: LoadJob): string[] {
  return [
    "wrk",
    "--threads=1",
    `--connections=${connections}`,
    `--duration=${Math.ceil(seconds)}s`,
    `--timeout=${ANSWER_TIMEOUT_SECONDS}s`,
    `--script=${SCRIPT}`,
    `http://127.0.0.1:${port}/`,
  ];
}

/** What its script reads. */
function requestsText({ exchanges, port }: LoadJob): string {
  const texts = exchanges.map(({ request }) => requestText(request, port));
  return texts.map((text) => `${text.length}\n${text}\n`).join("");
}
