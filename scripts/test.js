// Runs the test files: all, or those whose path contains one of the arguments.
//
//   node scripts/test.js [part-of-a-path ...]
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");

/** @param {string} folder @returns {string[]} relative to the project's root */
function typescriptFiles(folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => path.join(folder, String(file)))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .filter((file) => !file.includes("node_modules"));
}

const wanted = process.argv.slice(2);
const files = typescriptFiles("test")
  .filter((file) => file.endsWith(".test.ts"))
  .filter((file) => !wanted.length || wanted.some((w) => file.includes(w)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(", ")}`);
  process.exit(2);
}

// Each test file is a process that loads a hundred modules: transpiling all of
// them once takes a second, transpiling in each process a minute in all.
const transpiled = mkdtempSync(path.join(os.tmpdir(), "remuda-tests-"));
try {
  // As if they were beside their sources: source maps have relative paths.
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src", "test", "bench"].flatMap(typescriptFiles),
    outbase: root,
    outdir: root,
    write: false,
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    sourcesContent: false,
  });
  for (const { path: file, contents } of outputFiles) {
    const target = path.join(transpiled, path.relative(root, file));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, contents);
  }
  // Most files wait for processes and sockets: more than one a core may run. One
  // that waits for what never comes shall fail, and be named.
  const options = ["--test-concurrency=3", "--test-timeout=300000"];
  // Names what failed at its end, also where a log keeps only its last lines.
  options.push("--test-reporter=spec");
  const loader = "./scripts/load-transpiled.js";
  const { status } = spawnSync(
    process.execPath,
    [
      "--enable-source-maps",
      "--import",
      loader,
      "--test",
      ...options,
      ...files,
    ],
    {
      cwd: root,
      env: { ...process.env, TRANSPILED_FOLDER: transpiled },
      stdio: "inherit",
    },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(transpiled, { recursive: true, force: true });
}
