import { DONE, type Operation } from "./operation.ts";
import type { Subject } from "./subject.ts";

const MOST_MORE = 2;

/** As `remuda scale N`: adds some workers, then restores the number. */
export const scaleTo: Operation = {
  name: "scale N",
  async run(subject, random) {
    const { workersWanted: before } = await subject.status();
    const more = before + 1 + Math.floor(random() * MOST_MORE);
    const isDone =
      (await scale(subject, more)) && (await scale(subject, before));
    return isDone ? DONE : { type: "failed", why: "it is refused now" };
  },
};

async function scale(subject: Subject, workers: number): Promise<boolean> {
  const isTaken = await subject.control(`/control/scale?workers=${workers}`);
  if (!isTaken) return false;
  await subject.until(
    (status) => {
      const ready = status.workers.filter(({ state }) => state === "ready");
      // A concurrent reload or scaling may have set another number.
      const isWanted = status.workersWanted === workers;
      return !isWanted || ready.length === workers;
    },
    { what: `${workers} ready workers` },
  );
  return true;
}
