import { DONE, type Operation } from "./operation.ts";

/** Apps that do not start. */
const BAD_APPS = [
  'throw new Error("no database today");\n',
  "export default = 1;\n",
  "process.exit(7);\n",
  "export const app = 1;\n",
];

/** A release that does not start; a good one is on disk again afterwards. */
export const badDeploy: Operation = {
  name: "deploy a bad release",
  async run(subject, random) {
    subject.deploy(BAD_APPS[Math.floor(random() * BAD_APPS.length)]);
    try {
      const { msg } = await subject.signalUntil("SIGHUP", [
        "reloaded",
        "reload failed; the old workers go on",
      ]);
      if (msg !== "reloaded") return DONE;
      return { type: "failed", why: "a bad release was taken" };
    } finally {
      subject.deploy();
    }
  },
};
