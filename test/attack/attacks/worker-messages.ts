import type { Attack } from "../attack.ts";
import type { Target } from "../target.ts";

const AT_ONCE = 4;
/** Interval, in rounds, of messages that bypass the filter of app messages. */
const SMUGGLE_EVERY = 4;

export const workerMessages: Attack = {
  name: "worker-messages",
  summary:
    "apps that send to the master what only Remuda sends, whole or not, and " +
    `what others send, ${AT_ONCE} at once; every fourth time one past ` +
    "process.send(), which costs its worker",
  mayLose: true,
  async strike(target, round) {
    const { pid } = await target.status();
    const numbers = Array.from({ length: AT_ONCE }, (_, index) => {
      return round * AT_ONCE + index;
    });
    await Promise.all(numbers.map((number) => target.ask(`/tell/${number}`)));
    if (round % SMUGGLE_EVERY === 0) await smuggle(target, round);
    if ((await target.status()).pid !== pid) {
      throw new Error("the master is another one");
    }
  },
};

/** A reload ends the backoff of slots whose workers died early. */
async function smuggle(target: Target, number: number): Promise<void> {
  // The response may be lost with the worker.
  await target.ask(`/smuggle/${number}`).catch(() => {});
  const end = await target.reload();
  if (end !== "reloaded") await target.reload();
}
