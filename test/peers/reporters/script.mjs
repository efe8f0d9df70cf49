// Runs scripts that pass if they exit with code 0, each in a process of its own,
// with the flags of Node that its first comment names.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import append from "./append.cjs";

const TIMEOUT_MS = 8_000;

for (const file of process.argv.slice(2)) {
  const [, flags = ""] =
    /^\/\/ Flags: (.*)$/m.exec(readFileSync(file, "utf8")) ?? [];
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [...flags.split(" ").filter(Boolean), file],
    { encoding: "utf8", timeout: TIMEOUT_MS, killSignal: "SIGKILL" },
  );
  const passed = status === 0;
  const error = new Error(signal ?? stderr.slice(0, 2_000));
  append({
    path: [path.basename(file)],
    passed,
    error: passed ? undefined : error,
  });
}
