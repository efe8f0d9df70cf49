import { DONE, type Operation } from "./operation.ts";

/** Writes a config file that is refused, then restores a good one. */
export const badSettings: Operation = {
  name: "deploy bad settings",
  async run(subject) {
    const { workers } = subject.settings;
    subject.configure({ workers: "many" });
    try {
      const { msg = "" } = await subject.signalUntil("SIGHUP", [
        "reload refused",
        "reload ignored",
      ]);
      return msg.includes("many") ? DONE : { type: "failed", why: msg };
    } finally {
      subject.configure({ workers });
    }
  },
};
