/** Advice for app modules that provide an app of another library. */

interface Known {
  readonly name: string;
  /** Names of functions that identify it. */
  readonly methods: readonly string[];
  readonly write: string;
}

/** The first match counts, so specific entries come first. */
const KNOWN: readonly Known[] = [
  {
    name: "a Nest application",
    methods: ["getHttpAdapter", "listen", "init"],
    write:
      "await app.init(); " +
      "export default serveNode(app.getHttpAdapter().getInstance())",
  },
  {
    name: "a Fastify app",
    methods: ["inject", "ready", "listen", "routing"],
    write: "await app.ready(); export default serveNode(app.routing)",
  },
  {
    name: "a Koa app",
    methods: ["callback", "use", "listen"],
    write: "export default serveNode(app.callback())",
  },
  {
    name: "an Express app",
    methods: ["handle", "use", "listen"],
    write: "export default serveNode(app)",
  },
  {
    name: "an app with a fetch()",
    methods: ["fetch"],
    write: "export default serveFetch(app.fetch)",
  },
  {
    name: "a server of node:http",
    methods: ["listen", "address", "emit"],
    write: "export default serveNode(server)",
  },
];

/** How an app of another library becomes an App. */
export interface Advice {
  readonly name: string;
  readonly write: string;
}

/** Returns undefined for an unknown kind of value. */
export function adviceFor(value: unknown): Advice | undefined {
  const has = (name: string) => typeof valueAt(value, name) === "function";
  const found = KNOWN.find(({ methods }) => methods.every(has));
  if (!found) return undefined;
  const { name, write } = found;
  const [from] = /serve(?:Node|Fetch)/.exec(write) ?? [];
  return { name, write: `${write} (import { ${from} } from "remuda")` };
}

/** Returns undefined if a getter of the library throws. */
function valueAt(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return undefined;
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
