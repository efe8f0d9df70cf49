import { readFileSync } from "node:fs";
import { heldConnections } from "../support/held-connections.ts";
import { waitUntil } from "../support/wait-until.ts";
import { DONE, type Ending, type Operation } from "./operation.ts";
import type { Subject } from "./subject.ts";

/** Sends KILL to all ready workers at once; waits for their replacements. */
export const killAll: Operation = {
  name: "kill all workers",
  async run(subject) {
    const victims = await readyPids(subject);
    for (const pid of victims) subject.kill(pid);
    return untilReplaced(subject, victims);
  },
};

/** Like `killAll`, but with exact knowledge of each worker's connections. */
export const stopAndKillAll: Operation = {
  name: "stop and kill all workers",
  async run(subject) {
    const victims = await readyPids(subject);
    for (const pid of victims) process.kill(pid, "SIGSTOP");
    for (const pid of victims) {
      await waitUntil(() => isStopped(pid), { what: `${pid} to be stopped` });
    }
    const held = victims.map(heldConnections);
    for (const [index, pid] of victims.entries()) {
      subject.kill(pid, held[index]);
    }
    return untilReplaced(subject, victims);
  },
};

async function readyPids(subject: Subject): Promise<number[]> {
  return (await subject.readyWorkers()).map(({ pid }) => pid);
}

function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}

async function untilReplaced(
  subject: Subject,
  victims: readonly number[],
): Promise<Ending> {
  await subject.until(
    ({ workers, workersWanted }) => {
      const alive = workers.filter(({ pid }) => !victims.includes(pid));
      const ready = alive.filter(({ state }) => state === "ready");
      return ready.length >= workersWanted;
    },
    { what: "all workers to be replaced" },
  );
  return DONE;
}
