import { setTimeout as delay } from "node:timers/promises";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { DONE, type Ending, type Operation } from "./operation.ts";

/** Long enough to delay requests, too short for the stuck-worker check. */
const MAX_FREEZE_MS = 1_500;
const GONE: Ending = { type: "failed", why: "the process has left" };

/** Sends STOP and CONT to a worker in any state. */
export const freezeWorker: Operation = {
  name: "freeze a worker",
  async run(subject, random) {
    const { workers } = await subject.status();
    const worker = workers[Math.floor(random() * workers.length)];
    return worker ? freeze(worker.pid, random() * MAX_FREEZE_MS) : GONE;
  },
};

/** Sends STOP and CONT to the master. */
export const freezeMaster: Operation = {
  name: "freeze the master",
  async run(subject, random) {
    const { pid } = await subject.status();
    return freeze(pid, random() * MAX_FREEZE_MS);
  },
};

/** Sends STOP to a worker, until the master detects and kills it. */
export const stickWorker: Operation = {
  name: "let a worker be stuck",
  async run(subject, random) {
    const ready = await subject.readyWorkers();
    const worker = ready[Math.floor(random() * ready.length)];
    if (!worker || !signalIfAlive(worker.pid, "SIGSTOP")) return GONE;
    await subject.until(
      ({ workers }) => workers.every(({ pid }) => pid !== worker.pid),
      { what: `worker ${worker.pid} to be killed` },
    );
    return DONE;
  },
};

async function freeze(pid: number, ms: number): Promise<Ending> {
  if (!signalIfAlive(pid, "SIGSTOP")) return GONE;
  await delay(ms);
  return signalIfAlive(pid, "SIGCONT") ? DONE : GONE;
}
