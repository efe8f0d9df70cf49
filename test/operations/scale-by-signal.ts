import { DONE, type Operation } from "./operation.ts";
import type { Subject, SubjectStatus } from "./subject.ts";

/** Adds a worker with TTIN, and removes one with TTOU. */
export const scaleBySignal: Operation = {
  name: "scale up and down",
  async run(subject) {
    const isScaled =
      (await scale(subject, "SIGTTIN")) && (await scale(subject, "SIGTTOU"));
    return isScaled ? DONE : { type: "failed", why: "overtaken" };
  },
};

/** @returns false if another reload or scaling has intervened */
async function scale(
  subject: Subject,
  signal: "SIGTTIN" | "SIGTTOU",
): Promise<boolean> {
  // The log line has the target; an earlier status may be outdated.
  const { workers } = await subject.signalUntil(signal, ["scaling"]);
  if (typeof workers !== "number") return false;
  const { workersWanted } = await subject.until(
    (status) => {
      return status.workersWanted !== workers || readyCount(status) === workers;
    },
    { what: `${workers} ready workers` },
  );
  return workersWanted === workers;
}

function readyCount({ workers }: SubjectStatus): number {
  return workers.filter(({ state }) => state === "ready").length;
}
