import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../../test/support/free-port.ts";
import { checkAnswer } from "../../check-answer.ts";
import { hello } from "../../scenarios/hello.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { stack } from "../../scenarios/stack.ts";
import { type ServerSpec, serverSpec } from "../../server-catalog.ts";
import { ServerProcess } from "../../server-process.ts";
import type {
  SpecialContext,
  SpecialFigures,
  SpecialScenario,
} from "../special-scenario.ts";

/** Workers tell the master what they have counted each second. */
const COUNTED_AFTER_MS = 2_500;

interface Row {
  readonly scenario: Scenario;
  readonly workers: number;
}

const ROWS: Readonly<Record<string, Row>> = {
  "remuda-hello": { scenario: hello, workers: 1 },
  "remuda-hello-4-workers": { scenario: hello, workers: 4 },
  "remuda-stack": { scenario: stack, workers: 1 },
};

/** What an instance gives those who look after it to keep. */
export const footprint: SpecialScenario = {
  name: "footprint",
  summary: "metrics and log lines of an instance",
  servers: Object.keys(ROWS),
  load: "each request once",
  pinning: "not pinned",
  rounds: 1,
  effort: {},
  metrics: [
    { name: "seriesPerInstance", title: "time series", digits: 0 },
    { name: "bytesPerScrape", title: "bytes/scrape", digits: 0 },
    { name: "bytesPerLogLine", title: "bytes/log line", digits: 0 },
  ],
  missing: (server) => specOf(rowOf(server)).missing?.(),
  measure: (server, context) => measure(rowOf(server), context),
};

function rowOf(server: string): Row {
  const row = ROWS[server];
  if (!row) throw new Error(`there is no server "${server}" with a footprint`);
  return row;
}

function specOf({ scenario, workers }: Row): ServerSpec {
  return serverSpec("remuda", scenario.app, { workers });
}

async function measure(
  row: Row,
  { children }: SpecialContext,
): Promise<SpecialFigures> {
  const adminPort = await freePort();
  const spec = specOf(row);
  // The last word counts.
  const args = [...spec.args, `--admin-port=${adminPort}`];
  const how = { children, core: undefined, isLogged: true };
  const running = await ServerProcess.start({ ...spec, args }, how);
  try {
    for (const exchange of row.scenario.exchanges) {
      await checkAnswer(running.port, exchange);
    }
    await delay(COUNTED_AFTER_MS);
    const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
    const text = await answer.text();
    const series = text.split("\n").filter((line) => /^[a-z]/.test(line));
    const lines = running.logLines.filter((line) => line.includes('"status"'));
    const bytes = lines.reduce((sum, { length }) => sum + length + 1, 0);
    return {
      seriesPerInstance: series.length,
      bytesPerScrape: Buffer.byteLength(text),
      bytesPerLogLine: bytes / lines.length,
    };
  } finally {
    await running.stop();
  }
}
