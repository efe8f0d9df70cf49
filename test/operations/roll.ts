import { DONE, type Operation } from "./operation.ts";

export const roll: Operation = {
  name: "roll",
  async run(subject) {
    const { msg, error } = await subject.signalUntil("SIGHUP", [
      "reloaded",
      "reload failed",
      "reload refused",
      "reload ignored",
    ]);
    if (msg === "reloaded") return DONE;
    return { type: "failed", why: String(error ?? msg) };
  },
};
