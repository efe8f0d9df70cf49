import { signalIfAlive } from "../support/signal-if-alive.ts";
import { DONE, type Operation } from "./operation.ts";

/** Sends TERM to a worker: its replacement starts before it exits. */
export const retireWorker: Operation = {
  name: "retire a worker",
  async run(subject, random) {
    const ready = await subject.readyWorkers();
    const worker = ready[Math.floor(random() * ready.length)];
    if (!worker || !signalIfAlive(worker.pid, "SIGTERM")) {
      return { type: "failed", why: "no worker is ready" };
    }
    await subject.until(
      ({ workers }) => {
        const isThere = workers.some(({ pid, state }) => {
          return pid === worker.pid && state !== "draining";
        });
        return !isThere;
      },
      { what: `worker ${worker.pid} to be replaced` },
    );
    return DONE;
  },
};
