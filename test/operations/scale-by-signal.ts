import { DONE, type Operation } from "./operation.ts";
import type { Subject, SubjectStatus } from "./subject.ts";

/** One worker more with TTIN, and one less with TTOU. */
export const scaleBySignal: Operation = {
  name: "scale up and down",
  async run(subject) {
    const { workersWanted: before } = await subject.status();
    await scale(subject, "SIGTTIN", (status) => {
      // A reload meanwhile takes the additional one away again.
      return readyCount(status) > before || status.workersWanted <= before;
    });
    await scale(subject, "SIGTTOU", (status) => readyCount(status) <= before);
    return DONE;
  },
};

async function scale(
  subject: Subject,
  signal: NodeJS.Signals,
  isDone: (status: SubjectStatus) => boolean,
): Promise<void> {
  await subject.signalUntil(signal, ["scaling"]);
  await subject.until(isDone, { what: `what ${signal} asks for` });
}

function readyCount({ workers }: SubjectStatus): number {
  return workers.filter(({ state }) => state === "ready").length;
}
