/**
 * Given to each process of a server before its own code, with --expose-gc: on
 * PWR, which no server uses, it collects all garbage and then adds a line to
 * the file that its URL names. Otherwise it does nothing.
 */
import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const file = new URL(import.meta.url).searchParams.get("report");

if (isMainThread && file !== null) process.on("SIGPWR", collect);

function collect() {
  globalThis.gc();
  // What the first one found dead may have kept something outside of the heap.
  setImmediate(() => {
    globalThis.gc();
    const { heapUsed } = process.memoryUsage();
    const report = { pid: process.pid, heapUsedBytes: heapUsed };
    appendFileSync(file, `${JSON.stringify(report)}\n`);
  });
}
