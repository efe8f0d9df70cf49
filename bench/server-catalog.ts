import { existsSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;

/** A server to measure, in processes of its own. */
export interface ServerSpec {
  /** What node is given: a script and its arguments. */
  readonly args: readonly string[];
  /** What it ends at, soon and by itself. */
  readonly stopSignal: NodeJS.Signals;
  /** Why it cannot run here; undefined where it can. */
  readonly missing?: () => string | undefined;
}

const script = (name: string) => path.join(folder, "servers", name);

/** A server with the script of its name, which `announce`s its port. */
const plain = (name: string): ServerSpec => ({
  args: [script(`${name}.js`)],
  stopSignal: "SIGTERM",
});

export const SERVERS = {
  remuda: {
    args: [
      path.join(folder, "../dist/cli.js"),
      "start",
      script("remuda-app.js"),
      "--workers=1",
      "--host=127.0.0.1",
      "--port=0",
      "--admin-port=0",
      // A few lines at start and stop; its port is in one of them.
      "--log-level=info",
    ],
    stopSignal: "SIGQUIT",
  },
  "node-http": plain("node-http"),
  "net-floor": plain("net-floor"),
  fastify: {
    ...plain("fastify"),
    missing: () => {
      const isThere = existsSync(path.join(folder, "node_modules/fastify"));
      return isThere ? undefined : '"npm --prefix bench ci" installs it';
    },
  },
} satisfies Record<string, ServerSpec>;

export type ServerName = keyof typeof SERVERS;

export const SERVER_NAMES = Object.keys(SERVERS) as ServerName[];

export const serverSpec = (name: ServerName): ServerSpec => SERVERS[name];
