// Runs the test files: all, or those whose path contains one of the arguments.
//
//   node scripts/test.js [part-of-a-path ...]
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
const wanted = process.argv.slice(2);
const files = readdirSync(path.join(root, "test"), { recursive: true })
  .map((file) => path.join("test", file))
  .filter((file) => file.endsWith(".test.ts"))
  .filter((file) => !file.includes("node_modules"))
  .filter((file) => !wanted.length || wanted.some((w) => file.includes(w)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(", ")}`);
  process.exit(2);
}
// Most files wait for processes and sockets: more than one a core may run. One
// that waits for what never comes shall fail, and be named.
const options = ["--test-concurrency=3", "--test-timeout=300000"];
const { status } = spawnSync(
  process.execPath,
  ["--import", "tsx", "--test", ...options, ...files],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
