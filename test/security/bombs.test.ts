/**
 * Small things that a client sends to make large work: compressed bodies
 * (CWE-409), paths and fields that a regular expression takes for ever to
 * refuse (CWE-1333), deep or long structures.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { App } from "../../src/worker/app/app.ts";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { ok } from "../../src/worker/http/response-helpers.ts";
import { compression } from "../../src/worker/middleware/compression/compression.ts";
import { etag } from "../../src/worker/middleware/conditional/etag.ts";
import { cors } from "../../src/worker/middleware/cors/cors.ts";
import { logging } from "../../src/worker/middleware/logging/logging.ts";
import { requestId } from "../../src/worker/middleware/request-id.ts";

/** As much as a head may have. */
const LONG = 16_000;
/** Far more than any of it takes, far less than a bad expression would. */
const MAX_CPU_MS = 100;

/** The processor's time of something, the best of three. */
async function cpuMsOf(run: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

async function isQuick(run: () => unknown): Promise<void> {
  const ms = await cpuMsOf(run);
  assert.ok(ms < MAX_CPU_MS, `${ms} ms`);
}

describe("a compressed body", () => {
  it("is given as it came: nothing is inflated unasked", async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    const app = new App().post("/", async (request) => {
      return ok((await request.bytes()).length);
    });
    const response = await app.handle(
      new HttpRequest({
        method: "POST",
        headers: { "Content-Encoding": "gzip" },
        body: bomb,
      }),
    );
    assert.equal(response.body, String(bomb.length));
    assert.ok(bomb.length < 10_000);
  });

  it("is no JSON and no form", async () => {
    const body = gzipSync('{"a":1}');
    const headers = {
      "Content-Encoding": "gzip",
      "Content-Type": "application/x-www-form-urlencoded",
    };
    const app = new App()
      .post("/json", async (request) => ok(await request.json()))
      .post("/form", async (request) => ok([...(await request.formData())]));
    for (const target of ["/json", "/form"]) {
      const request = { method: "POST", target, headers, body };
      const { status } = await app.handle(new HttpRequest(request));
      assert.equal(status, 400, target);
    }
  });
});

describe("the form of a parameter", () => {
  for (const form of ["(a+)+", "(a|a)*", "(a|aa)+$", "(.*)*", "a+a+a+"]) {
    it(`may not be one that backtracks without end: ${form}`, () => {
      const register = () => new App().get(`/:x(${form})` as "/", () => ok());
      assert.throws(register, TypeError);
    });
  }

  it("refuses the worst of paths quickly", async () => {
    const app = new App()
      .get("/a/:x(\\w+\\d*)", () => ok())
      .get("/b/:x([a-z]+-[a-z]+)", () => ok());
    const targets = ["a", "b"].flatMap((name) => [
      `/${name}/${"a".repeat(256)}!`,
      `/${name}/${"1".repeat(8_000)}!`,
      `/${name}/${"a-".repeat(120)}`,
    ]);
    await isQuick(() => {
      for (const target of targets) app.handle(new HttpRequest({ target }));
    });
  });
});

describe("the longest of fields", () => {
  const blanks = " ".repeat(LONG);
  const commas = ",".repeat(LONG);
  for (const [name, value] of [
    ["Accept-Encoding", `gzip;q=0${blanks}x`],
    ["Accept-Encoding", `${commas}gzip`],
    ["If-None-Match", `${'"a",'.repeat(LONG / 4)}x`],
    ["If-None-Match", `"${blanks}`],
    ["Cookie", `${"a=".repeat(LONG / 2)}`],
    ["Cookie", `${"; ".repeat(LONG / 2)}`],
    ["Origin", `http://${"a.".repeat(LONG / 2)}`],
    ["traceparent", "0".repeat(LONG)],
    ["tracestate", `a=1${blanks}x`],
    ["tracestate", `${"a=1 ".repeat(LONG / 4)}`],
    ["X-Request-Id", "-".repeat(LONG)],
    ["Authorization", `Bearer${blanks}x`],
    ["Content-Type", `application/x-www-form-urlencoded;${blanks}a`],
  ] as const) {
    it(`is read quickly: ${name}: ${value.slice(0, 12)}…`, async () => {
      const app = new App()
        .use(logging({ level: "debug" }), compression(), etag())
        .use(cors({ origins: ["https://app.example"] }))
        .use(requestId({ trust: true, trace: "make" }))
        .post("/", async (request) => {
          const cookies = Object.keys(request.cookies).length;
          await request.formData().catch(() => {});
          return ok({ cookies, text: "x".repeat(2_000) });
        });
      const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
      const headers = { traceparent, [name]: value };
      await isQuick(() =>
        app.handle(new HttpRequest({ method: "POST", headers, body: "a=1" })),
      );
    });
  }
});

describe("the longest of targets", () => {
  for (const target of [
    `/?${"a&".repeat(4_000)}`,
    `/?${"%".repeat(8_000)}`,
    `/${"a/".repeat(4_000)}`,
    `/${"%2e".repeat(2_600)}`,
    `/${"../".repeat(2_600)}`,
  ]) {
    it(`is routed quickly: ${target.slice(0, 9)}…`, async () => {
      const app = new App()
        .get("/", ({ query }) => ok(query.size))
        .get("/:a/:b/*rest", () => ok())
        .get("/*rest", () => ok());
      await isQuick(() => app.handle(new HttpRequest({ target })));
    });
  }
});
