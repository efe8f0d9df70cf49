/** Well-behaved clients in a separate process; see `LoadOrder`. */
import { setTimeout as delay } from "node:timers/promises";
import { startStrictClient } from "../support/strict-client.ts";
import type { LoadOrder, Reply } from "./messages.ts";

const CONNECTIONS = 32;
const UPLOAD_BYTES = 1_024;

/** About 790 requests a second, independent of the server. */
function startLoad(port: number) {
  return startStrictClient({
    port,
    connections: CONNECTIONS,
    keepAlive: true,
    pauseMs: { min: 20, max: 60 },
    requestTimeoutMs: 10_000,
    mix: [
      { method: "GET", path: "/", weight: 3 },
      {
        method: "POST",
        path: "/upload",
        body: UPLOAD_BYTES,
        check: ({ body }) => {
          const said = body.toString();
          return said === `{"bytes":${UPLOAD_BYTES}}` ? undefined : said;
        },
      },
    ],
  });
}

async function run({ port, warmupMs, ms }: LoadOrder): Promise<void> {
  const warmup = startLoad(port);
  await delay(warmupMs);
  await warmup.stop();
  const startedCpu = process.cpuUsage();
  const load = startLoad(port);
  say({ type: "measuring" });
  await delay(ms);
  const report = await load.stop();
  const { user, system } = process.cpuUsage(startedCpu);
  say({ type: "report", report, cpuMs: (user + system) / 1000 });
}

process.on("message", (order: LoadOrder) => run(order));
process.on("disconnect", () => process.exit());
say({ type: "listening" });

function say(reply: Reply): void {
  process.send?.(reply);
}
