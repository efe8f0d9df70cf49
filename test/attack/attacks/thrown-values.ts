import { httpGet } from "../../support/http-get.ts";
import type { Attack } from "../attack.ts";
import type { Target } from "../target.ts";

const AT_ONCE = 8;

export const thrownValues: Attack = {
  name: "thrown-values",
  summary:
    "handlers, middleware and streams that throw what no program should, " +
    `${AT_ONCE} at once`,
  mayLose: false,
  async strike(target, round) {
    const names: string[] = JSON.parse(await target.ask("/throw"));
    const thrown = Array.from({ length: AT_ONCE }, (_, index) => {
      return names[(round * AT_ONCE + index) % names.length] as string;
    });
    await Promise.all(thrown.map((name) => throwAll(target, name)));
  },
};

async function throwAll({ daemon }: Target, name: string): Promise<void> {
  const places = [`/throw/${name}`, `/reject/${name}`, `/middleware/${name}/`];
  for (const place of places) {
    const { status, body } = await httpGet(daemon.port, place);
    if (status !== 500 || !body.includes("errorId")) {
      throw new Error(`${place}: ${status} ${body.slice(0, 200)}`);
    }
  }
  // If the head has been sent, the connection ends, as documented.
  const path = `/stream/${name}`;
  const outcome = await httpGet(daemon.port, path).catch((error) => error);
  if (outcome instanceof Error || outcome.status === 500) return;
  throw new Error(`${path}: ${outcome.status}`);
}
