// Makes a fresh dist/ of src/: a file that was removed from src must not live on
// in what users run. A running daemon reads dist/ at every reload, so the new
// tree is made beside the old one and swapped in by rename.
import { spawnSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.js";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
const at = (...parts) => path.join(root, ...parts);
const require = createRequire(import.meta.url);
const tsc = path.join(
  path.dirname(require.resolve("typescript/package.json")),
  "bin/tsc",
);

const fresh = `dist-${process.pid}`;
try {
  const options = ["-p", at("tsconfig.build.json"), "--outDir", at(fresh)];
  const { status } = spawnSync(process.execPath, [tsc, ...options], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the types are not right");
  await bundle(root, at(fresh));
} catch (error) {
  rmSync(at(fresh), { recursive: true, force: true });
  console.error(error.message);
  process.exit(1);
}
chmodSync(at(fresh, "cli.js"), 0o755);
const old = `${fresh}-old`;
try {
  renameSync(at("dist"), at(old));
} catch (error) {
  if (error.code !== "ENOENT") throw error;
}
renameSync(at(fresh), at("dist"));
rmSync(at(old), { recursive: true, force: true });
