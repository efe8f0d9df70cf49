import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createLogger,
  setProcessLogger,
} from "../../../src/shared/logging/logger.ts";
import { fetchHandler } from "../../../src/worker/adapters/fetch-handler.ts";
import { nodeHandler } from "../../../src/worker/adapters/node-handler.ts";
import { App } from "../../../src/worker/app/app.ts";
import { inject } from "../../../src/worker/app/inject.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { logging } from "../../../src/worker/middleware/logging/logging.ts";
import { timeout } from "../../../src/worker/middleware/timeout.ts";
import { thrownKinds, thrownOf } from "../../support/thrown-of.ts";
import { fuzzProperty } from "../fuzz-property.ts";

type Throw = () => never;

/** Apps that throw at different places; the response is a 500. */
const PLACES: Readonly<Record<string, (fail: Throw) => App>> = {
  handler: (fail) => new App().get("/", fail),
  promise: (fail) => new App().get("/", async () => fail()),
  notFound: (fail) => new App().notFound(fail),
  middleware: (fail) => new App().use(fail).get("/", () => ok(1)),
  routeMiddleware: (fail) => {
    const app = new App();
    app.router.use(fail);
    return app.get("/", () => ok(1));
  },
  onError: (fail) => new App().onError(fail).get("/", fail),
  onErrorLater: (fail) =>
    new App().onError(async () => fail()).get("/", async () => fail()),
  logged: (fail) => new App().use(logging()).get("/", fail),
  inTime: (fail) =>
    new App().use(timeout({ timeoutMs: 1_000 })).get("/", async () => fail()),
  fetch: (fail) => new App({ fallback: fetchHandler(fail) }),
  node: (fail) => new App({ fallback: nodeHandler(fail) }),
  nodeLater: (fail) => new App({ fallback: nodeHandler(async () => fail()) }),
  ownLog: (fail) =>
    new App().get("/", () => {
      logger.info(
        Object.defineProperty({}, "a", { enumerable: true, get: fail }),
      );
      logger.info({ a: { toJSON: fail } }, "own");
      return fail();
    }),
};

const lines: string[] = [];
const logger = createLogger({
  role: "app",
  sink: { write: (line) => lines.push(line) },
});

export const thrownValues = fuzzProperty({
  name: "thrown-values",
  sentence: "whatever an app throws becomes a 500 with an id, and a line",
  inputs: fc.record({
    place: fc.constantFrom(...Object.keys(PLACES)),
    kind: fc.constantFrom(...thrownKinds),
    text: fc.string({ unit: "binary", maxLength: 20 }),
    length: fc.nat(100_000),
  }),
  inputsPerTurn: 50,
  check: async ({ place, kind, text, length }) => {
    setProcessLogger(logger);
    lines.length = 0;
    const fail = () => {
      throw thrownOf(kind, text.padEnd(length, "x"));
    };
    const app = PLACES[place]?.(fail) as App;
    const { status, json } = await inject(app).then(async (response) => {
      return { status: response.status, json: await response.json() };
    });
    assert.equal(status, 500);
    const { errorId } = json as { errorId: string };
    assert.ok(errorId.length > 0);
    const isLogged = (line: string) => JSON.parse(line).errorId === errorId;
    assert.equal(lines.filter(isLogged).length, 1, "one line");
    const longest = Math.max(...lines.map((line) => line.length));
    assert.ok(longest < 200_000, `a line of ${longest} characters`);
  },
});
