import { httpGet } from "../../support/http-get.ts";
import type { Attack } from "../attack.ts";
import type { Target } from "../target.ts";

const AT_ONCE = 4;

export const workerMessages: Attack = {
  name: "worker-messages",
  summary:
    "apps that send to the master what only Remuda sends, whole or not, and " +
    `what others send, ${AT_ONCE} at once`,
  // A worker that says what only Remuda says, and wrong, is killed.
  mayLose: true,
  async strike(target, round) {
    const { pid } = await target.status();
    const numbers = Array.from({ length: AT_ONCE }, (_, index) => {
      return round * AT_ONCE + index;
    });
    await Promise.all(numbers.map((number) => tell(target, number)));
    if ((await target.status()).pid !== pid) {
      throw new Error("the master is another one");
    }
  },
};

/** The answer may be lost with the worker. */
async function tell({ daemon }: Target, number: number): Promise<void> {
  await httpGet(daemon.port, `/tell/${number}`).catch(() => {});
}
