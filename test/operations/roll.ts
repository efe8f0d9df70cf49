import { DONE, type Operation } from "./operation.ts";

export const roll: Operation = {
  name: "roll",
  async run(subject) {
    const { msg, error } = await subject.signalUntil("SIGHUP", [
      "reloaded",
      "reload failed; the old workers go on",
    ]);
    return msg === "reloaded" ? DONE : { type: "failed", why: String(error) };
  },
};
