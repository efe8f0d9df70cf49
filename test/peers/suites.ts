/** Projects whose own tests run over Remuda's stack. */

export type Runner = "mocha" | "node" | "vitest" | "script";

export interface Suite {
  /** Name of the folder with the checkout. */
  readonly name: string;
  readonly runner: Runner;
  /** Flags of the runner, and the files. */
  readonly args: readonly string[];
  /** The package of npm that has the tests in it, if one has. */
  readonly npm?: string;
  /** Debian's source package that has the tests in it, if one has. */
  readonly debian?: string;
  /** Flags of Node. */
  readonly nodeArgs?: readonly string[];
  readonly seconds?: number;
}

export const SUITES: readonly Suite[] = [
  {
    name: "express",
    runner: "mocha",
    args: ["--require", "test/support/env", "test/", "test/acceptance/"],
  },
  { name: "koa", runner: "node", args: [] },
  {
    name: "fastify",
    runner: "node",
    args: ["test/**/*.test.js"],
    npm: "fastify@5.12.8",
    seconds: 900,
  },
  {
    name: "node",
    runner: "script",
    args: ["test/parallel/test-http-*.js"],
    debian: "nodejs",
    seconds: 1_200,
  },
  { name: "node-server", runner: "vitest", args: [] },
  {
    name: "ws",
    runner: "mocha",
    nodeArgs: ["--throw-deprecation"],
    args: ["test/*.test.js"],
  },
  { name: "send", runner: "mocha", args: ["test/"] },
  { name: "serve-static", runner: "mocha", args: ["test/"] },
  { name: "body-parser", runner: "mocha", args: ["test/"] },
  { name: "multer", runner: "mocha", args: ["test/"] },
  { name: "compression", runner: "mocha", args: ["test/"] },
  { name: "on-finished", runner: "mocha", args: ["test/"] },
  { name: "http-proxy-middleware", runner: "vitest", args: [] },
  // From the folders of one repository, with what npm has built of them.
  {
    name: "engine.io",
    runner: "mocha",
    args: ["test/engine.io.js", "test/middlewares.js", "test/server.js"],
  },
  {
    name: "socket.io",
    runner: "mocha",
    nodeArgs: ["--import=tsx"],
    args: [
      ...["--timeout=10000", "test/*.ts"],
      // The whole again, types, and a server that is not Node's.
      ...["index", "socket.io.test-d", "uws"].map((file) => {
        return `--ignore=test/${file}.ts`;
      }),
    ],
  },
];
