import { DONE, type Operation } from "./operation.ts";

/** Sends KILL to one worker in any state. */
export const killWorker: Operation = {
  name: "kill a worker",
  async run(subject, random) {
    const { workers } = await subject.status();
    const victim = workers[Math.floor(random() * workers.length)];
    if (!victim || !subject.kill(victim.pid)) {
      return { type: "failed", why: "there is no worker" };
    }
    await subject.until(
      ({ workers }) => workers.every(({ pid }) => pid !== victim.pid),
      { what: `worker ${victim.pid} to be gone` },
    );
    return DONE;
  },
};
