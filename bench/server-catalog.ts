import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;
const BUN = path.join(folder, "node_modules/.bin/bun");

/** What all servers of a scenario run, each in its own way. */
export type AppName =
  | "hello"
  | "json"
  | "browser"
  | "bytes"
  | "stack"
  | "traces"
  | "work";

export const SERVER_NAMES = [
  "remuda",
  "remuda-shared",
  "remuda-before",
  "node-http",
  "net-floor",
  "fastify",
  "fastify-hooks",
  "hono",
  "express",
  "cluster-http",
  "cluster-fastify",
  "pm2-fastify",
  "bun",
] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** A server to measure, in processes of its own. */
export interface ServerSpec {
  /** Default: this Node. */
  readonly program?: string;
  /** What it is given: a script and its arguments. */
  readonly args: readonly string[];
  /** What it ends at, soon and by itself. */
  readonly stopSignal: NodeJS.Signals;
  /** Whether it only starts the server, and is none of it. Default: no. */
  readonly isLauncher?: boolean;
  /** Why it cannot run here; undefined where it can. */
  readonly missing?: () => string | undefined;
}

export interface ServerSpecOptions {
  /** Of servers that have workers. Default: 1. */
  readonly workers?: number;
  /** The built checkout that `remuda-before` runs. */
  readonly beforeFolder?: string | undefined;
}

/** `servers/APP/NAME.js`, which `announce`s its port. */
export function serverSpec(
  name: ServerName,
  app: AppName,
  { workers = 1, beforeFolder }: ServerSpecOptions = {},
): ServerSpec {
  const script = (own: string) => {
    return path.join(folder, "servers", app, `${own}.js`);
  };
  const missing = () => missingPackage(name, app);
  switch (name) {
    case "remuda":
      return { ...remuda(script("remuda"), workers, []), missing };
    case "remuda-shared":
      return remuda(script("remuda"), workers, ["--scheduling=shared"]);
    case "remuda-before":
      return remudaBefore(app, workers, beforeFolder);
    case "node-http":
    case "net-floor":
    case "fastify":
    case "fastify-hooks":
    case "hono":
    case "express":
      return { ...plain([script(name)]), missing };
    case "cluster-http":
      return { ...manager("cluster", script("node-http"), workers), missing };
    case "cluster-fastify":
      return { ...manager("cluster", script("fastify"), workers), missing };
    case "pm2-fastify": {
      const pm2 = manager("pm2", script("fastify"), workers);
      return { ...pm2, isLauncher: true, missing };
    }
    case "bun":
      return { ...plain([script("bun")]), program: BUN, missing: missingBun };
    default:
      return name satisfies never;
  }
}

function plain(args: readonly string[]): ServerSpec {
  return { args, stopSignal: "SIGTERM" };
}

/** What runs a script in so many workers. */
function manager(
  name: "cluster" | "pm2",
  script: string,
  workers: number,
): ServerSpec {
  const own = path.join(folder, "servers", `${name}.js`);
  return plain([own, script, String(workers)]);
}

function remudaBefore(
  app: AppName,
  workers: number,
  beforeFolder: string | undefined,
): ServerSpec {
  if (beforeFolder === undefined) {
    return { ...plain([]), missing: () => "--before DIR says where it is" };
  }
  const root = path.resolve(beforeFolder);
  const script = path.join(root, "bench/servers", app, "remuda.js");
  const spec = remuda(script, workers, [], root);
  const missing = () => {
    const absent = [spec.args[0] ?? "", script].find((one) => !existsSync(one));
    return absent && `there is no ${absent}`;
  };
  return { ...spec, missing };
}

/** @param root the built checkout, this one unless it is said */
function remuda(
  script: string,
  workers: number,
  flags: readonly string[],
  root = path.join(folder, ".."),
): ServerSpec {
  const args = [
    path.join(root, "dist/cli.js"),
    "start",
    script,
    `--workers=${workers}`,
    "--host=127.0.0.1",
    "--port=0",
    "--admin-port=0",
    // A few lines at start and stop; its port is in one of them.
    "--log-level=info",
    // For uploads; the others have no limit, or a longer one.
    `--max-body-bytes=${16 << 20}`,
    ...flags,
  ];
  return { args, stopSignal: "SIGQUIT" };
}

/** What a server needs for whatever app, and an app for whatever server. */
const PACKAGES: Partial<Record<ServerName | AppName, readonly string[]>> = {
  fastify: ["fastify"],
  "fastify-hooks": ["fastify"],
  hono: ["hono", "@hono/node-server", "pino"],
  express: ["express"],
  "cluster-fastify": ["fastify"],
  "pm2-fastify": ["fastify", "pm2"],
  browser: ["cookie", "@fastify/cookie"],
  stack: ["@fastify/cors", "@fastify/helmet", "pino", "prom-client"],
  traces: [
    "@opentelemetry/instrumentation-http",
    "@opentelemetry/sdk-trace-base",
    "@opentelemetry/sdk-trace-node",
  ],
};

/** An optional package, with a binary that does not run everywhere. */
function missingBun(): string | undefined {
  return spawnSync(BUN, ["--version"]).status === 0
    ? undefined
    : 'Bun is missing; "npm --prefix bench ci" installs it where it runs';
}

function missingPackage(name: ServerName, app: AppName): string | undefined {
  const needed = [...(PACKAGES[name] ?? []), ...(PACKAGES[app] ?? [])];
  const missing = needed.find((one) => {
    return !existsSync(path.join(folder, "node_modules", one));
  });
  return (
    missing && `${missing} is missing; "npm --prefix bench ci" installs it`
  );
}
