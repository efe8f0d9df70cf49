import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { keepConstants } from "../../scripts/keep-constants.js";
import type * as requestReader from "../../src/worker/http1/request-reader.ts";

const SOURCE = "src/worker/http1/request-reader.ts";

/** Some packages require modules of Node. */
const REQUIRE = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);`;

/** As users run it: the loader of the sources would make other code of it. */
export async function builtParser(): Promise<typeof requestReader> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-parser-"));
  const outfile = path.join(folder, "request-reader.mjs");
  try {
    await build({
      absWorkingDir: path.join(import.meta.dirname, "../.."),
      entryPoints: [SOURCE],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      banner: { js: REQUIRE },
    });
    keepConstants(outfile);
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
