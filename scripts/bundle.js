// Bundles src/ into few files: a start that loads a hundred takes twice as
// long. What several entries need is in files that they share, so there is one
// App and one HttpResponse, whoever imports them.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { keepConstants } from "./keep-constants.js";
import { licensesOf } from "./licenses.js";

/** What users, Node and this package itself run or import by its name. */
const ENTRIES = [
  "cli.ts",
  "index.ts",
  "worker-main.ts",
  "shared/config/config-file/evaluate-config-file.ts",
  "shared/config/config-file/watch-parent.ts",
  "worker/watchdog-thread.ts",
  "worker/find-syntax-error.ts",
];

/** Loaded when they are needed first, from where npm has put them. */
const LOADED_LATER = [
  "jose",
  "pidusage",
  "prom-client",
  "rate-limiter-flexible",
  "redis",
];

/** Packages that are CommonJS require modules of Node. */
const REQUIRE = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

/** @param {string} root @param {string} folder absolute, where files go */
export async function bundle(root, folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((entry) => path.join("src", entry)),
    outbase: "src",
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: "shared-[hash]",
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: LOADED_LATER,
    sourcemap: "linked",
    // Stacks are read without maps, too: names and lines stay as they are.
    minify: false,
    legalComments: "none",
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: "warning",
  });
  for (const output of Object.keys(metafile.outputs)) {
    if (!output.endsWith(".js")) continue;
    nameClasses(path.join(root, output));
    keepConstants(path.join(root, output));
  }
  const licenses = licensesOf(root, Object.keys(metafile.inputs));
  writeFileSync(path.join(folder, "licenses.txt"), licenses);
}

/**
 * A class that names itself has become `var App = class _App`: users would see
 * that name in stacks and wherever Node prints an object.
 */
function nameClasses(file) {
  const code = readFileSync(file, "utf8");
  const classes = [...code.matchAll(/^var (\w+) = class _\1\b/gm)];
  const names = classes.map(([, name]) => `_${name}`);
  if (names.length === 0) return;
  const anyOf = new RegExp(`\\b(?:${names.join("|")})\\b`, "g");
  writeFileSync(
    file,
    code.replace(anyOf, (name) => name.slice(1)),
  );
}
