import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;

/** What all servers of a scenario run, each in its own way. */
export type AppName = "hello" | "stack";

export const SERVER_NAMES = [
  "remuda",
  "node-http",
  "net-floor",
  "fastify",
  "fastify-hooks",
  "hono",
] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** A server to measure, in processes of its own. */
export interface ServerSpec {
  /** What node is given: a script and its arguments. */
  readonly args: readonly string[];
  /** What it ends at, soon and by itself. */
  readonly stopSignal: NodeJS.Signals;
  /** Why it cannot run here; undefined where it can. */
  readonly missing?: () => string | undefined;
}

/** `servers/APP/NAME.js`, which `announce`s its port. */
export function serverSpec(name: ServerName, app: AppName): ServerSpec {
  const script = path.join(folder, "servers", app, `${name}.js`);
  switch (name) {
    case "remuda":
      return remuda(script);
    case "node-http":
    case "net-floor":
      return plain(script);
    case "fastify":
    case "fastify-hooks":
    case "hono":
      return { ...plain(script), missing: missingPackage };
    default:
      return name satisfies never;
  }
}

function plain(script: string): ServerSpec {
  return { args: [script], stopSignal: "SIGTERM" };
}

function remuda(script: string): ServerSpec {
  const args = [
    path.join(folder, "../dist/cli.js"),
    "start",
    script,
    "--workers=1",
    "--host=127.0.0.1",
    "--port=0",
    "--admin-port=0",
    // A few lines at start and stop; its port is in one of them.
    "--log-level=info",
  ];
  return { args, stopSignal: "SIGQUIT" };
}

/** Of those that the peers need. */
function missingPackage(): string | undefined {
  const file = path.join(folder, "package.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8"));
  const missing = Object.keys(dependencies).find((name) => {
    return !existsSync(path.join(folder, "node_modules", name));
  });
  return (
    missing && `${missing} is missing; "npm --prefix bench ci" installs it`
  );
}
