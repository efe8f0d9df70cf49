/** Projects whose own tests run over Remuda's stack. */

export type Runner = "mocha" | "node" | "vitest";

export interface Suite {
  /** Name of the folder with the checkout. */
  readonly name: string;
  readonly runner: Runner;
  /** Flags of the runner, and the files. */
  readonly args: readonly string[];
  /** The package of npm that has the tests in it, if one has. */
  readonly npm?: string;
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
    args: ["test/*.test.js", "test/*/*.test.js"],
    npm: "fastify@5.12.8",
    seconds: 900,
  },
  { name: "node-server", runner: "vitest", args: [] },
  {
    name: "ws",
    runner: "mocha",
    args: ["--throw-deprecation", "test/*.test.js"],
  },
  { name: "send", runner: "mocha", args: ["test/"] },
  { name: "serve-static", runner: "mocha", args: ["test/"] },
  { name: "body-parser", runner: "mocha", args: ["test/"] },
  { name: "multer", runner: "mocha", args: ["test/"] },
  { name: "compression", runner: "mocha", args: ["test/"] },
  { name: "on-finished", runner: "mocha", args: ["test/"] },
  { name: "http-proxy-middleware", runner: "vitest", args: [] },
];
