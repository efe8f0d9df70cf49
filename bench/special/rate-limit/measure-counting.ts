import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pinned } from "../../pinning.ts";
import { RedisProcess } from "../redis-process.ts";
import type { SpecialContext, SpecialFigures } from "../special-scenario.ts";
import type { CountingReport } from "./counting-process.ts";

const SCRIPT = path.join(import.meta.dirname, "counting-process.ts");

/** Redis alone with many who count: what a fleet of instances is for it. */
export async function measureCounting(
  workers: number,
  seconds: number,
  { children, pinning }: SpecialContext,
): Promise<SpecialFigures> {
  const redis = await RedisProcess.start(children, pinning.loadCore);
  try {
    const command = [
      ...[process.execPath, "--import", "tsx", SCRIPT],
      ...[redis.url, String(workers), String(seconds)],
    ];
    const child = children.spawn(pinned(command, pinning.serverCore), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface(child.stdout as Readable);
    let before = 0;
    for await (const line of lines) {
      if (!line.startsWith("{")) {
        before = redis.cpuMicros();
        continue;
      }
      const micros = redis.cpuMicros() - before;
      const { counts, ...took } = JSON.parse(line) as CountingReport;
      return {
        requestsPerSecond: counts / took.seconds,
        redisMicrosPerRequest: micros / counts,
        redisCoresBusy: micros / 1e6 / took.seconds,
        countsPerRedisCore: (counts * 1e6) / micros,
      };
    }
    throw new Error("who counts has left too soon");
  } finally {
    await redis.stop();
  }
}
