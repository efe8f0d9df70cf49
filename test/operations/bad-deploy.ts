import { setTimeout as delay } from "node:timers/promises";
import { DONE, type Operation } from "./operation.ts";

/** Apps that do not start. */
const BAD_APPS = [
  'throw new Error("no database today");\n',
  "export default = 1;\n",
  "process.exit(7);\n",
  "export const app = 1;\n",
];

/** Longest time for which a bad release stays on disk. */
const MAX_LEFT_MS = 1_500;

/**
 * Deploys a release that does not start, and keeps it on disk for a while:
 * workers that die then are replaced with the previous release. Then it deploys
 * a good release.
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
      // The message belongs to another reload that started earlier, or to an
      // upgrade.
      return { type: "failed", why: msg };
    } finally {
      subject.deploy();
    }
  },
};
