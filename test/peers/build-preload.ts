/** Bundles the preload: a suite starts hundreds of processes with it. */
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Packages that are CommonJS require modules of Node. */
const REQUIRE = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

/**
 * @param folder with nothing else below it: it gets a package.json
 * @returns the path of the file
 */
export async function buildPreload(folder: string): Promise<string> {
  // The stack knows its own files by a folder of that name.
  const outfile = path.join(folder, "dist/peers/preload.mjs");
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["test/peers/preload.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["redis"],
    banner: { js: REQUIRE },
    logLevel: "warning",
  });
  // The stack reads its version there.
  mkdirSync(folder, { recursive: true });
  const description = path.join(ROOT, "package.json");
  copyFileSync(description, path.join(folder, "package.json"));
  return outfile;
}
