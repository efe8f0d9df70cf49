import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import {
  readSourceFiles,
  type SourceFile,
  type SourceImport,
} from "./support/source-imports.ts";

interface Layer {
  /** Folders, each with those in it; its own always. */
  readonly imports: readonly string[];
  /** Files of which it may import types. */
  readonly types?: readonly string[];
  /** Node's modules and packages. */
  readonly modules: readonly string[];
  /** Those of which it may import types. */
  readonly moduleTypes?: readonly string[];
  /** Whether it loads the user's own code. */
  readonly loadsUserCode?: true;
}

/**
 * Who may import whom. The row of a file is that of its own path, or else of
 * the nearest folder above it; "worker" and "" are of the files directly in
 * them, so that a new folder needs a row of its own.
 */
const LAYERS: Readonly<Record<string, Layer>> = {
  shared: { imports: [], modules: ["zod"] },
  "shared/files": {
    imports: ["shared"],
    modules: ["node:fs", "node:path", "node:crypto", "node:tls"],
  },
  "shared/logging": {
    imports: ["shared"],
    modules: ["pino", "node:async_hooks", "node:fs", "node:tty"],
  },
  // The only uses of what Node does not document.
  "shared/node-internals": {
    imports: ["shared"],
    modules: [
      "node:net",
      "node:http",
      "node:https",
      "node:cluster",
      "node:events",
      "node:stream",
    ],
    moduleTypes: ["node:child_process"],
  },
  "shared/tracing": {
    imports: ["shared"],
    modules: ["node:timers"],
    moduleTypes: ["@opentelemetry/api"],
  },
  "shared/package-version.ts": { imports: ["shared"], modules: ["node:fs"] },
  "shared/addresses": { imports: ["shared"], modules: ["node:net"] },
  "shared/descriptor-limit.ts": { imports: ["shared"], modules: ["node:fs"] },
  "shared/thrown-value.ts": { imports: ["shared"], modules: ["node:util"] },
  "shared/config": {
    imports: ["shared"],
    modules: ["zod", "node:fs", "node:path", "node:util"],
  },
  "shared/config/config-file/config-process.ts": {
    imports: ["shared"],
    modules: ["node:fs", "node:url", "node:child_process"],
  },
  // In a process of its own.
  "shared/config/config-file/evaluate-config-file.ts": {
    imports: ["shared"],
    modules: ["node:fs", "node:url", "node:worker_threads"],
    loadsUserCode: true,
  },
  "shared/config/config-file/watch-parent.ts": {
    imports: ["shared"],
    modules: ["node:net"],
  },
  // How the daemon and the commands that ask it find each other.
  "shared/control": { imports: ["shared"], modules: ["node:path"] },
  "worker/net": {
    imports: ["shared"],
    modules: ["node:net", "node:tls", "node:crypto"],
    moduleTypes: ["node:stream"],
  },
  // It names the system's errors.
  "worker/net/listener.ts": {
    imports: ["shared"],
    modules: ["node:net", "node:util"],
  },
  "worker/http": {
    imports: ["shared"],
    modules: [],
    // Of what `app.upgrade()` gives.
    moduleTypes: ["node:stream"],
  },
  "worker/http1": {
    imports: ["worker/http", "shared"],
    types: ["worker/net/protocol.ts"],
    modules: [],
    // A socket to look at.
    moduleTypes: ["node:stream"],
  },
  "worker/routing": { imports: ["worker/http", "shared"], modules: [] },
  "worker/middleware": {
    imports: ["worker/http", "shared"],
    modules: [
      "node:zlib",
      "node:crypto",
      "node:fs",
      "node:net",
      "node:path",
      "jose",
      "mrmime",
    ],
  },
  "worker/middleware/rate-limit": {
    imports: ["worker/http", "shared"],
    modules: ["node:crypto", "rate-limiter-flexible", "redis"],
  },
  // Of an SDK that the app brings only types are known.
  "worker/tracing": {
    imports: ["worker/http", "shared"],
    types: ["worker/http1/connection-context.ts"],
    modules: [],
    moduleTypes: ["@opentelemetry/api", "node:net"],
  },
  // For apps that are made for these: see docs/decisions/0011.
  "worker/adapters": {
    imports: ["worker/http", "shared"],
    modules: ["node:http", "node:stream", "node:diagnostics_channel"],
    moduleTypes: ["node:net", "node:tls"],
  },
  "worker/adapters/client-error.ts": {
    imports: ["shared"],
    types: ["worker/http1/protocol-error.ts"],
    modules: [],
    moduleTypes: ["node:http", "node:stream"],
  },
  // It tells classes of servers apart.
  "worker/adapters/node-server.ts": {
    imports: ["worker/http"],
    modules: ["node:http", "node:https", "node:tls"],
  },
  "worker/app": {
    imports: ["worker/routing", "worker/middleware", "worker/http", "shared"],
    modules: [],
  },
  // It reads registries of prom-client, also those of an app.
  "worker/app-metrics": {
    imports: ["shared"],
    modules: ["node:module", "node:path", "prom-client"],
  },
  // Programs that make servers of `node:http` and listen by themselves.
  "worker/sticky": {
    imports: ["worker/http", "shared"],
    types: ["worker/http1/connection-context.ts", "worker/net/protocol.ts"],
    modules: ["node:crypto"],
  },
  "worker/hosting": {
    imports: ["worker/adapters", "worker/app", "worker/http", "shared"],
    types: ["worker/worker-listeners.ts"],
    modules: ["node:http", "node:os"],
  },
  "worker/hosting/hosted-program.ts": {
    imports: ["worker/adapters", "worker/app", "worker/http", "shared"],
    types: ["worker/worker-listeners.ts"],
    modules: ["node:cluster"],
    moduleTypes: ["node:http"],
  },
  "worker/hosting/program-identity.ts": {
    imports: ["shared"],
    modules: ["node:module"],
  },
  worker: {
    imports: ["worker", "shared"],
    modules: ["node:cluster", "node:perf_hooks", "node:url", "node:timers"],
  },
  "worker/watchdog.ts": {
    imports: ["shared"],
    modules: ["node:worker_threads"],
  },
  // In a thread of its own, where nothing else of a worker is.
  "worker/inspection": {
    imports: ["shared"],
    modules: ["node:inspector", "node:timers"],
  },
  "worker/watchdog-thread.ts": {
    imports: ["worker/inspection", "shared"],
    types: ["worker/watchdog.ts"],
    modules: ["node:net", "node:worker_threads"],
  },
  "worker/app-output.ts": {
    imports: ["shared"],
    modules: ["node:fs", "node:string_decoder"],
  },
  "worker/app-error-place.ts": {
    imports: ["shared"],
    modules: ["node:child_process", "node:url"],
  },
  // A process of its own.
  "worker/find-syntax-error.ts": {
    imports: [],
    modules: ["node:fs", "node:module", "node:path", "node:vm"],
  },
  "worker/sample-stacks.ts": { imports: [], modules: ["node:inspector"] },
  "worker/load-app.ts": {
    imports: ["worker", "shared"],
    modules: ["node:url"],
    loadsUserCode: true,
  },
  "worker/load-imports.ts": {
    imports: ["worker", "shared"],
    modules: ["node:module", "node:path", "node:url"],
    loadsUserCode: true,
  },
  master: {
    imports: ["shared"],
    modules: [
      "node:cluster",
      "node:net",
      "node:os",
      "node:util",
      "node:dns",
      "node:fs",
      "node:path",
      "node:child_process",
      "node:crypto",
      "prom-client",
      "pidusage",
    ],
  },
  // The log of a running daemon.
  "master/logs": {
    imports: ["master", "shared"],
    modules: ["node:crypto", "node:fs", "node:os", "node:path", "node:timers"],
  },
  "master/tracing": {
    imports: ["master", "shared"],
    modules: [],
    moduleTypes: ["@opentelemetry/api"],
  },
  // On purpose: a bug in our own stack must not blind the supervisor.
  "master/admin/admin-server.ts": {
    imports: ["master", "shared"],
    modules: ["node:http", "node:net"],
  },
  // It asks a daemon that runs, and is no part of one.
  cli: {
    imports: ["shared"],
    types: ["master/admin/status-report.ts", "master/admin/request-report.ts"],
    modules: [
      "commander",
      "node:events",
      "node:fs",
      "node:http",
      "node:os",
      "node:path",
      "node:stream",
      "node:timers",
      "node:util",
    ],
    moduleTypes: ["node:tty"],
  },
  // It tells the errors of a master apart.
  "cli/run-command.ts": {
    imports: ["cli", "master", "shared"],
    modules: ["node:util"],
  },
  "cli/start-daemon.ts": {
    imports: ["cli", "master", "shared"],
    modules: ["node:url"],
  },
  "cli/commands/routes-command.ts": {
    imports: ["cli", "worker", "shared"],
    modules: [],
  },
  "": {
    imports: ["cli", "worker", "shared"],
    modules: ["node:cluster", "node:url"],
  },
};

const ROOT = path.resolve(import.meta.dirname, "../src");
const files = readSourceFiles(ROOT);

/** The row of a file. */
function rowOf(file: string): string {
  if (file in LAYERS) return file;
  const folder = folderOf(file);
  if (folder in LAYERS) return folder;
  if (["", "worker"].includes(folderOf(folder))) {
    throw new Error(`${file} is in a folder that the table does not have`);
  }
  return rowOf(folder);
}

function folderOf(file: string): string {
  return file.includes("/") ? path.posix.dirname(file) : "";
}

function isIn(file: string, folder: string): boolean {
  return folder === "" ? !file.includes("/") : file.startsWith(`${folder}/`);
}

/** "node:fs/promises" is of "node:fs". */
function isAllowedModule(module: string, allowed: readonly string[]): boolean {
  return allowed.some((each) => module === each || isIn(module, each));
}

function isAllowed({ file, target, ...how }: SourceImport): boolean {
  const row = rowOf(file);
  const folder = row.endsWith(".ts") ? folderOf(row) : row;
  const { imports, types = [], ...layer } = LAYERS[row] as Layer;
  const { modules, moduleTypes = [] } = layer;
  if (how.isModule && how.isTypeOnly) {
    return isAllowedModule(target, [...modules, ...moduleTypes]);
  }
  if (how.isModule) return isAllowedModule(target, modules);
  if (how.isTypeOnly && types.includes(target)) return true;
  return [folder, ...imports].some((each) => isIn(target, each));
}

/** The files of an import cycle, if there is one. */
function findCycle(sources: readonly SourceFile[]): string[] | undefined {
  const importsOf = new Map(
    sources.map(({ file, imports }) => [file, imports]),
  );
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail, file];
    if (done.has(file)) return undefined;
    for (const { target, isModule } of importsOf.get(file) ?? []) {
      if (isModule) continue;
      const cycle = visit(target, [...trail, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const { file } of sources) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

describe("the layers", () => {
  test("are all there", () => {
    const rows = new Set(files.map(({ file }) => rowOf(file)));
    assert.deepEqual([...rows].sort(), Object.keys(LAYERS).sort());
  });

  test("import only what the table allows", () => {
    const forbidden = files
      .flatMap(({ imports }) => imports)
      .filter((each) => !isAllowed(each))
      .map(({ file, target }) => `${file} → ${target}`);
    assert.deepEqual(forbidden, []);
  });

  test("import files that exist", () => {
    const existing = new Set(files.map(({ file }) => file));
    const missing = files
      .flatMap(({ imports }) => imports)
      .filter(({ target, isModule }) => !isModule && !existing.has(target));
    assert.deepEqual(missing, []);
  });

  test("load the user's code in three places", () => {
    const loading = files
      .filter(({ computedImports }) => computedImports > 0)
      .map(({ file }) => file);
    const allowed = Object.keys(LAYERS).filter((row) => {
      return LAYERS[row]?.loadsUserCode;
    });
    assert.deepEqual(loading, allowed);
  });

  test("have no cycle, of types neither", () => {
    assert.equal(findCycle(files)?.join(" → "), undefined);
  });
});
