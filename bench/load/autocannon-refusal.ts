import type { Scenario } from "../scenarios/scenario.ts";

const MOST_ANSWER_BYTES = 1 << 20;

/** Why autocannon cannot do a scenario; undefined where it can. */
export function autocannonRefusal({
  opensConnections,
  exchanges,
}: Scenario): string | undefined {
  if (opensConnections) {
    return "autocannon asks again on connections that close";
  }
  const isLong = exchanges.some(({ answer }) => {
    return answer.body.length > MOST_ANSWER_BYTES;
  });
  // It would be measured instead of the server.
  return isLong ? "autocannon makes a text of each answer" : undefined;
}
