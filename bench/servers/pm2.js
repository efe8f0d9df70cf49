/**
 * Starts a script in pm2's cluster mode, and ends it: `pm2.js SCRIPT WORKERS`.
 * HUP has it reloaded. The server is pm2's daemon and its workers, not this
 * process. Its files are in BENCH_FOLDER.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { announcePort } from "./announce.js";

const PM2 = path.join(import.meta.dirname, "../node_modules/pm2/bin/pm2");
const POLL_INTERVAL_MS = 50;

const [script, workers] = process.argv.slice(2);
const home = process.env.BENCH_FOLDER;
const output = path.join(home, "output.log");
const config = path.join(home, "ecosystem.config.json");

process.once("SIGTERM", () => end(0));
// In the words of Remuda's own log, too.
process.on("SIGHUP", () => {
  if (!pm2("reload", "server")) end(1);
  process.stdout.write(`${JSON.stringify({ msg: "reloaded" })}\n`);
});
writeFileSync(
  config,
  JSON.stringify({
    apps: [
      {
        name: "server",
        script,
        exec_mode: "cluster",
        instances: Number(workers),
        // One file for all instances; they announce their port there.
        out_file: output,
        error_file: output,
        merge_logs: true,
      },
    ],
  }),
);
if (!pm2("start", config)) end(1);
let lines = [];
while (lines.length < Number(workers)) {
  await delay(POLL_INTERVAL_MS);
  lines = announced();
}
announcePort(JSON.parse(lines[0]).port);
// The daemon does not need this process, but what has started it ends it.
setInterval(() => {}, 1 << 30);

function announced() {
  if (!existsSync(output)) return [];
  const lines = readFileSync(output, "utf8").split("\n").slice(0, -1);
  return lines.filter((line) => line.includes('"listening"'));
}

function pm2(...args) {
  const env = { ...process.env, PM2_HOME: home, PM2_DISCRETE_MODE: "true" };
  const { status, stdout } = spawnSync(process.execPath, [PM2, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) process.stderr.write(stdout);
  return status === 0;
}

function end(exitCode) {
  pm2("kill");
  process.exit(exitCode);
}
