import { setTimeout as delay } from "node:timers/promises";
import type { Attack } from "../attack.ts";

const STOPPED_MS = 10_000;
const ASK_EVERY_MS = 100;
/** Concurrent requests; each logs a line, so the pipe fills within seconds. */
const AT_ONCE = 20;

export const stoppedLogReader: Attack = {
  name: "stopped-log-reader",
  summary:
    "the reader of stdout stops for 10 s, with an access log; meanwhile " +
    "/livez, data and every second time a reload",
  env: { ATTACK_ACCESS_LOG: "1" },
  mayLose: false,
  async strike(target, round) {
    const { daemon } = target;
    const untilMs = performance.now() + STOPPED_MS;
    daemon.pauseReading();
    try {
      if (round % 2 === 0) await target.signal("SIGHUP");
      while (performance.now() < untilMs) {
        const asked = Array.from({ length: AT_ONCE }, () => target.ask("/"));
        await Promise.all(asked);
        const { status } = await daemon.get("/livez");
        if (status !== 200) throw new Error(`/livez: ${status}`);
        await delay(ASK_EVERY_MS);
      }
    } finally {
      daemon.resumeReading();
    }
  },
};
