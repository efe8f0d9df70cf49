import { DONE, type Operation } from "./operation.ts";
import type { SubjectStatus } from "./subject.ts";

/** One worker more with TTIN, and one less with TTOU. */
export const scaleBySignal: Operation = {
  name: "scale up and down",
  async run(subject) {
    const { workersWanted: before } = await subject.status();
    await subject.signalUntil("SIGTTIN", ["scaling"]);
    const { workersWanted } = await subject.until(
      // A reload meanwhile takes the additional one away again.
      (status) => {
        return readyCount(status) > before || status.workersWanted <= before;
      },
      { what: "one ready worker more" },
    );
    if (workersWanted <= before) return { type: "failed", why: "overtaken" };
    await subject.signal("SIGTTOU");
    await subject.until((status) => readyCount(status) <= before, {
      what: "one ready worker less",
    });
    return DONE;
  },
};

function readyCount({ workers }: SubjectStatus): number {
  return workers.filter(({ state }) => state === "ready").length;
}
