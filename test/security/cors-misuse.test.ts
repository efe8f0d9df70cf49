/**
 * What other pages try, and what operators get wrong, so that a page reads what
 * only its user may: origins that look like an allowed one, caches, and options
 * that would share with everybody.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { App } from "../../src/worker/app/app.ts";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { ok } from "../../src/worker/http/response-helpers.ts";
import { cors } from "../../src/worker/middleware/cors/cors.ts";
import type { CorsOptions } from "../../src/worker/middleware/cors/cors-options.ts";
import { askRaw, fieldLines, rawRequest } from "./ask-raw.ts";

const APP = "https://app.example";

const LOOKALIKES: readonly string[] = [
  "null",
  "*",
  "",
  "https://evil.example",
  "https://app.example.evil.example",
  "https://evilapp.example",
  "https://app.example.",
  "https://app-example",
  "https://appxexample",
  "https://sub.app.example",
  "http://app.example",
  "https://app.example:443",
  "https://app.example:8443",
  "https://app.example/",
  "https://app.example/x",
  "https://app.example?",
  "https://app.example#",
  "https://app.example@evil.example",
  "https://evil.example@app.example",
  "https://evil.example#https://app.example",
  "https://evil.example,https://app.example",
  "https://app.example, https://evil.example",
  "https://app.example https://evil.example",
  "https://app.example%60.evil.example",
  "https://app.example`.evil.example",
  "https://app.example_.evil.example",
  "https://APP.example",
  "HTTPS://app.example",
  "//app.example",
  "app.example",
  "file://",
];

function appOf(options: CorsOptions): App {
  const app = new App().use(cors(options));
  app.get("/", () => ok("secret")).put("/", () => ok("changed"));
  return app;
}

describe("an origin that only looks like one that is allowed", () => {
  const options: CorsOptions = { origins: [APP], credentials: true };

  it("is given nothing", async () => {
    const requests = LOOKALIKES.flatMap((origin) => {
      const field = `Origin: ${origin}`;
      const method = "Access-Control-Request-Method: PUT";
      return [
        rawRequest("GET", "/", [field]),
        rawRequest("OPTIONS", "/", [field, method]),
        rawRequest("GET", "/", [field, `Origin: ${APP}`]),
        rawRequest("GET", "/", [`Origin: ${APP}`, field]),
      ];
    });
    const answers = await askRaw(appOf(options), requests);
    for (const [index, answer] of answers.entries()) {
      const granted = answer.fields.filter(([name]) => {
        return name.toLowerCase().startsWith("access-control-");
      });
      assert.deepEqual(granted, [], requests[index]);
    }
  });

  it("is not shown an allowed one's answer by a cache", async () => {
    const requests = [[], [`Origin: ${APP}`], ["Origin: null"]].map((fields) =>
      rawRequest("GET", "/", fields),
    );
    for (const answer of await askRaw(appOf(options), requests)) {
      assert.deepEqual(fieldLines(answer, "Vary"), ["Origin"]);
    }
  });

  it("never gets to a function that would look at a part of it", async () => {
    const seen: string[] = [];
    const origins = (origin: string) => {
      seen.push(origin);
      return false;
    };
    const requests = LOOKALIKES.map((origin) =>
      rawRequest("GET", "/", [`Origin: ${origin}`]),
    );
    await askRaw(appOf({ origins }), requests);
    for (const origin of seen) {
      assert.match(origin, /^[a-z]+:\/\/[^\s,/?#@]+$/);
    }
  });
});

describe("cors()", () => {
  it("shares with credentials with nobody but whom it names", () => {
    const origin = fc.oneof(
      fc.constantFrom(...LOOKALIKES, APP),
      fc.webUrl().map((url) => new URL(url).origin),
    );
    const options = fc.record(
      {
        origins: fc.oneof(
          fc.constant("*" as const),
          fc.array(origin, { maxLength: 3 }),
        ),
        credentials: fc.boolean(),
        requestHeaders: fc.array(fc.constantFrom("*", "X-A")),
        exposedHeaders: fc.array(fc.constantFrom("*", "X-A")),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, origin, fc.boolean(), (given, asking, isFirst) => {
        const app = startedOrRefused(given);
        if (!app) return;
        const headers: Record<string, string> = { Origin: asking };
        if (isFirst) headers["Access-Control-Request-Method"] = "PUT";
        const method = isFirst ? "OPTIONS" : "GET";
        const answer = app.handle(new HttpRequest({ method, headers }));
        assert.ok("headers" in answer);
        const allowed = answer.headers.get("Access-Control-Allow-Origin");
        const isShared = answer.headers.has("Access-Control-Allow-Credentials");
        if (isShared) {
          assert.equal(allowed, asking);
          assert.ok(given.origins?.includes(asking));
          assert.equal(given.credentials, true);
        }
        if (allowed !== undefined && allowed !== "*") {
          assert.equal(answer.headers.get("Vary")?.includes("Origin"), true);
        }
      }),
    );
  });

  it("lets no preflight reach a handler", async () => {
    const app = new App().use(cors({ origins: [APP] }));
    app.options("/", () => assert.fail("reached"));
    for (const origin of [APP, "https://evil.example"]) {
      const fields = [
        `Origin: ${origin}`,
        "Access-Control-Request-Method: PUT",
      ];
      const request = rawRequest("OPTIONS", "/", fields);
      const [answer] = await askRaw(app, [request]);
      assert.equal(answer?.status, 204);
    }
  });

  it("gives back no more of a request than an allowed origin and names", async () => {
    const fields = [
      `Origin: ${APP}`,
      "Access-Control-Request-Method: <script>",
      'Access-Control-Request-Headers: x-a, "<script>"',
    ];
    const request = rawRequest("OPTIONS", "/", fields);
    for (const options of [{}, { origins: [APP] }]) {
      const [answer] = await askRaw(appOf(options), [request]);
      assert.ok(!answer?.raw.includes("script"));
    }
  });
});

function startedOrRefused(options: CorsOptions): App | undefined {
  try {
    return appOf(options);
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return undefined;
  }
}
