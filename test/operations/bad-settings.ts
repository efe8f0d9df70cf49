import { DONE, type Operation } from "./operation.ts";

/** A config file that is refused; a good one is there again afterwards. */
export const badSettings: Operation = {
  name: "deploy bad settings",
  async run(subject) {
    const { workers } = subject.settings;
    const since = subject.daemon.logs.length;
    subject.configure({ workers: "many" });
    try {
      await subject.signal("SIGHUP");
      await subject.daemon.waitForLog(
        ({ msg }) => msg?.startsWith("reload refused"),
        { since },
      );
      return DONE;
    } finally {
      subject.configure({ workers });
    }
  },
};
