import { DONE, type Operation } from "./operation.ts";

export const upgradeMaster: Operation = {
  name: "upgrade of the master",
  async run(subject) {
    const { pid } = await subject.status();
    const { msg, error } = await subject.signalUntil("SIGUSR2", [
      "upgraded",
      "upgrade failed",
      "upgrade refused",
    ]);
    if (msg !== "upgraded") {
      // The message may refer to another upgrade, still in progress.
      const ends = ["idle", "released"];
      await subject.until(({ upgrade }) => ends.includes(upgrade.state), {
        what: "the end of the upgrade",
      });
      return { type: "failed", why: String(error ?? msg) };
    }
    // The next upgrade is refused as long as the old master drains.
    await subject.until(
      (status) => status.pid !== pid && status.upgrade.predecessorPid === null,
      { what: "the old master to leave" },
    );
    return DONE;
  },
};
