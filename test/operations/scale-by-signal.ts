import { DONE, type Operation } from "./operation.ts";

/** One worker more with TTIN, and one less with TTOU. */
export const scaleBySignal: Operation = {
  name: "scale up and down",
  async run(subject) {
    const { workersWanted } = await subject.status();
    await subject.signal("SIGTTIN");
    await subject.until(
      ({ workers }) => workers.filter(isReady).length > workersWanted,
      { what: "one ready worker more" },
    );
    await subject.signal("SIGTTOU");
    await subject.until(
      ({ workers }) => workers.filter(isReady).length <= workersWanted,
      { what: "one ready worker less" },
    );
    return DONE;
  },
};

function isReady({ state }: { readonly state: string }): boolean {
  return state === "ready";
}
