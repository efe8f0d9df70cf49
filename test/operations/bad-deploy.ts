import { setTimeout as delay } from "node:timers/promises";
import { DONE, type Operation } from "./operation.ts";

/** Apps that do not start. */
const BAD_APPS = [
  'throw new Error("no database today");\n',
  "export default = 1;\n",
  "process.exit(7);\n",
  "export const app = 1;\n",
];

/** For so long at most a bad release is what a reload would find. */
const MAX_LEFT_MS = 1_500;

/**
 * A release that does not start, and stays on disk for a while: who dies
 * meanwhile is replaced with the release of before. Then a good one is there.
 */
export const badDeploy: Operation = {
  name: "deploy a bad release",
  async run(subject, random) {
    subject.deploy(BAD_APPS[Math.floor(random() * BAD_APPS.length)]);
    try {
      const { msg = "" } = await subject.signalUntil("SIGHUP", [
        "reloaded",
        "reload failed",
        "reload refused",
        "reload ignored",
      ]);
      await delay(random() * MAX_LEFT_MS);
      if (msg.startsWith("reload failed")) return DONE;
      // That of another reload, which had begun before; or an upgrade has.
      return { type: "failed", why: msg };
    } finally {
      subject.deploy();
    }
  },
};
