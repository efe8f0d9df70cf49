/** Asks at a steady rate, as messages say, until its parent leaves. */
import path from "node:path";
import { Worker } from "node:worker_threads";
import { LatencyBook, type LatencyReport } from "./latency-book.ts";
import { SteadyClient } from "./steady-client.ts";

/** Clients take turns; none waits for the answer to another one. */
export interface SteadyOrder {
  readonly type: "begin";
  readonly port: number;
  readonly clients: number;
  readonly requestsPerSecond: number;
}

/** Ends a phase, and begins the next one: the answer is of the ended one. */
export interface NextPhaseOrder {
  readonly type: "nextPhase";
}

export type SteadyMessage = SteadyOrder | NextPhaseOrder;

export interface PhaseReport extends LatencyReport {
  /** How late this process was itself: it is part of all latencies. */
  readonly lateP99Ms: number;
}

interface Phase {
  readonly book: LatencyBook;
  readonly lateness: LatencyBook;
}

const TICKER = path.join(import.meta.dirname, "ticker.js");

let phase = newPhase();

process.on("message", async (message: SteadyMessage) => {
  switch (message.type) {
    case "begin":
      begin(message);
      return;
    case "nextPhase": {
      const { book, lateness } = phase;
      phase = newPhase();
      const { p99Ms: lateP99Ms } = await lateness.report();
      const report: PhaseReport = { ...(await book.report()), lateP99Ms };
      process.send?.(report);
      return;
    }
    default:
      message satisfies never;
  }
});
process.on("disconnect", () => process.exit());

function begin({ port, clients, requestsPerSecond }: SteadyOrder): void {
  const all = Array.from({ length: clients }, () => new SteadyClient(port));
  const intervalMs = 1000 / requestsPerSecond;
  const beginMs = performance.now();
  const originMs = performance.timeOrigin + beginMs;
  const ticker = new Worker(TICKER, { workerData: { originMs, intervalMs } });
  ticker.on("message", (due: number) => {
    const dueMs = beginMs + due * intervalMs;
    phase.lateness.begin();
    phase.lateness.end(performance.now() - dueMs);
    all[due % clients]?.ask(dueMs, phase.book);
  });
}

function newPhase(): Phase {
  return { book: new LatencyBook(), lateness: new LatencyBook() };
}
