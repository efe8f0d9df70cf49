import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setProcessLogger } from "../../../../src/shared/logging/logger.ts";
import { App } from "../../../../src/worker/app/app.ts";
import { HttpError } from "../../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import { basicAuth } from "../../../../src/worker/middleware/authentication/basic-auth.ts";
import { cors } from "../../../../src/worker/middleware/cors/cors.ts";
import type { CorsOptions } from "../../../../src/worker/middleware/cors/cors-options.ts";
import { memoryLogger } from "../../memory-logger.ts";

const APP = "https://app.example";
const OTHER = "https://other.example";

/** An answer's fields of CORS, and Vary. */
function fieldsOf(answer: HttpResponse): Record<string, string> {
  const fields = [...answer.headers].filter(([name]) => {
    return name === "vary" || name.startsWith("access-control-");
  });
  return Object.fromEntries(fields);
}

/** What a page of the origin gets, in the same tick. */
function answerTo(
  options: CorsOptions | undefined,
  headers: Record<string, string>,
  method = "GET",
): HttpResponse {
  const request = new HttpRequest({ method, headers });
  const answer = cors(options)(request, () => ok("content"));
  assert.ok(answer instanceof HttpResponse, "in the same tick");
  return answer;
}

function preflight(
  options: CorsOptions | undefined,
  origin: string,
  asks: Record<string, string> = {},
): HttpResponse {
  const headers = {
    Origin: origin,
    "Access-Control-Request-Method": "PUT",
    ...asks,
  };
  return answerTo(options, headers, "OPTIONS");
}

describe("cors()", () => {
  it("lets all pages read answers, without what only the user may", () => {
    const all = { "access-control-allow-origin": "*" };
    assert.deepEqual(fieldsOf(answerTo(undefined, { Origin: APP })), all);
    assert.deepEqual(fieldsOf(answerTo({}, { Origin: "null" })), all);
    assert.deepEqual(fieldsOf(answerTo({ origins: "*" }, {})), all);
  });

  it("lets the pages of a list read answers, and says that it varies", () => {
    const options = { origins: [APP, "http://localhost:5173"] };
    assert.deepEqual(fieldsOf(answerTo(options, { Origin: APP })), {
      "access-control-allow-origin": APP,
      vary: "Origin",
    });
    const origins = [OTHER, "null", `${APP}.evil.example`, `${APP}:8443`];
    for (const Origin of [...origins, `${APP}/`, "http://app.example", ""]) {
      const fields = fieldsOf(answerTo(options, { Origin }));
      assert.deepEqual(fields, { vary: "Origin" }, Origin);
    }
    assert.deepEqual(fieldsOf(answerTo(options, {})), { vary: "Origin" });
  });

  it("asks a function, which may take its time", async () => {
    const asked: string[] = [];
    const test = (origin: string) => {
      asked.push(origin);
      return origin.endsWith(".example");
    };
    for (const origins of [test, async (origin: string) => test(origin)]) {
      const middleware = cors({ origins, credentials: true });
      const request = new HttpRequest({ headers: { Origin: APP } });
      assert.deepEqual(fieldsOf(await middleware(request, () => ok())), {
        "access-control-allow-origin": APP,
        "access-control-allow-credentials": "true",
        vary: "Origin",
      });
    }
    assert.deepEqual(asked, [APP, APP]);
  });

  it("asks no function about what is no origin, and takes true for yes", () => {
    const never = { origins: () => assert.fail("asked") };
    for (const Origin of ["null", `${APP}, ${OTHER}`, "app.example", "*"]) {
      assert.deepEqual(fieldsOf(answerTo(never, { Origin })), {
        vary: "Origin",
      });
    }
    const truthy = { origins: () => APP as never };
    const fields = fieldsOf(answerTo(truthy, { Origin: OTHER }));
    assert.deepEqual(fields, { vary: "Origin" });
  });

  it("shares what only the user may see where it should", () => {
    const options = { origins: [APP], credentials: true };
    assert.deepEqual(fieldsOf(answerTo(options, { Origin: APP })), {
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      vary: "Origin",
    });
    const fields = fieldsOf(answerTo(options, { Origin: OTHER }));
    assert.deepEqual(fields, { vary: "Origin" });
  });

  it("exposes fields of answers", () => {
    const options = { origins: [APP], exposedHeaders: ["ETag", "X-Total"] };
    const fields = fieldsOf(answerTo(options, { Origin: APP }));
    assert.equal(fields["access-control-expose-headers"], "ETag, X-Total");
    const other = fieldsOf(answerTo(options, { Origin: OTHER }));
    assert.deepEqual(other, { vary: "Origin" });
  });

  it("keeps what an answer varies by already", () => {
    const vary = (value: string) => {
      const request = new HttpRequest({ headers: { Origin: APP } });
      const next = () => ok().with("Vary", value);
      const answer = cors({ origins: [APP] })(request, next);
      return (answer as HttpResponse).headers.get("vary");
    };
    assert.equal(vary("Accept-Encoding"), "Accept-Encoding, Origin");
    assert.equal(vary("origin"), "origin");
    assert.equal(vary("*"), "*");
  });

  it("waits for answers that are promises", async () => {
    const request = new HttpRequest({ headers: { Origin: APP } });
    const answer = await cors({ origins: [APP] })(request, async () => ok());
    assert.equal(answer.headers.get("Access-Control-Allow-Origin"), APP);
  });
});

describe("a preflight", () => {
  it("gets 204 with what is allowed, in the same tick", () => {
    const answer = preflight({ origins: [APP] }, APP, {
      "Access-Control-Request-Headers": "content-type,x-id",
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.body, null);
    assert.deepEqual(fieldsOf(answer), {
      "access-control-allow-origin": APP,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "content-type,x-id",
      "access-control-max-age": "600",
      vary: "Access-Control-Request-Headers, Origin",
    });
  });

  it("gets what the options say", () => {
    const answer = preflight(
      {
        origins: [APP],
        credentials: true,
        methods: ["GET", "PURGE"],
        requestHeaders: ["Authorization", "X-Id"],
        exposedHeaders: ["ETag"],
        maxAgeSeconds: 0,
      },
      APP,
      { "Access-Control-Request-Headers": "x-other" },
    );
    assert.deepEqual(fieldsOf(answer), {
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, PURGE",
      "access-control-allow-headers": "Authorization, X-Id",
      "access-control-max-age": "0",
      vary: "Origin",
    });
  });

  it("of a page that may not gets 204 and nothing", () => {
    const answer = preflight({ origins: [APP], requestHeaders: [] }, OTHER);
    assert.equal(answer.status, 204);
    assert.deepEqual(fieldsOf(answer), { vary: "Origin" });
  });

  it("may be anybody's where all may ask", () => {
    const fields = fieldsOf(preflight({ requestHeaders: ["X-Id"] }, "null"));
    assert.equal(fields["access-control-allow-origin"], "*");
    assert.equal(fields["access-control-allow-headers"], "X-Id");
    assert.equal(fields.vary, undefined);
  });

  it("that asks for what are no fields gets none", () => {
    for (const asked of ["", "a b", "a,,b", "a\tb, c", '"x"', ","]) {
      const asks = { "Access-Control-Request-Headers": asked };
      const fields = fieldsOf(preflight({}, APP, asks));
      assert.equal(fields["access-control-allow-headers"], undefined, asked);
    }
  });

  it("is no other OPTIONS request: those are the app's", () => {
    const own = answerTo({}, { Origin: APP }, "OPTIONS");
    assert.equal(own.body, "content");
    const method = { "Access-Control-Request-Method": "PUT" };
    assert.equal(answerTo({}, method, "OPTIONS").body, "content");
    const get = answerTo({}, { Origin: APP, ...method });
    assert.equal(get.body, "content");
  });
});

describe("cors() around an app", () => {
  const log = memoryLogger();
  const app = new App()
    .use(
      cors({ origins: [APP] }),
      (request, next) => {
        if (request.path === "/limited") throw new HttpError(429);
        return next(request);
      },
      (request, next) =>
        request.path === "/private"
          ? basicAuth({ users: { ann: "sesame" } })(request, next)
          : next(request),
    )
    .put("/things", () => ok())
    .get("/broken", () => {
      throw new Error("broken");
    })
    .get("/private", () => ok());

  const cases: readonly (readonly [string, string, number])[] = [
    ["PUT", "/things", 200],
    ["GET", "/things", 405],
    ["GET", "/nothing", 404],
    ["GET", "/broken", 500],
    ["GET", "/%zz", 404],
    ["GET", "/../x", 400],
    ["GET", "/limited", 429],
    ["GET", "/private", 401],
    ["BREW", "/things", 501],
  ];
  for (const [method, target, status] of cases) {
    it(`lets pages read a ${status} for ${method} ${target}`, async () => {
      setProcessLogger(log.logger);
      const headers = { Origin: APP };
      const request = new HttpRequest({ method, target, headers });
      const answer = await app.handle(request);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("Access-Control-Allow-Origin"), APP);
      assert.equal(answer.headers.get("Vary"), "Origin");
    });
  }

  for (const target of ["/things", "/nothing", "/private"]) {
    it(`answers a preflight for ${target} before all else`, async () => {
      const headers = { Origin: APP, "Access-Control-Request-Method": "PUT" };
      const request = new HttpRequest({ method: "OPTIONS", target, headers });
      const answer = await app.handle(request);
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get("Access-Control-Allow-Origin"), APP);
    });
  }

  it("leaves other OPTIONS requests their answer", async () => {
    const request = new HttpRequest({ method: "OPTIONS", target: "/things" });
    const answer = await app.handle(request);
    assert.equal(answer.headers.get("Allow"), "PUT, OPTIONS");
  });
});

describe("cors() is refused at start", () => {
  const refused: readonly (readonly [string, object, RegExp])[] = [
    [
      "with all origins and credentials",
      { credentials: true },
      /needs a list of origins/,
    ],
    [
      "with '*' and credentials",
      { origins: "*", credentials: true },
      /every page could read what only the user may/,
    ],
    [
      "with '*' in a list",
      { origins: ["*"] },
      /has "\*", which is no origin: "\*" stands alone/,
    ],
    [
      "with a part that is any",
      { origins: ["https://*.app.example"] },
      /there is a function/,
    ],
    ["with null", { origins: ["null"] }, /"null" is what any page can be/],
    [
      "with a regular expression",
      { origins: [/app/] },
      /has \/app\/, which is no origin/,
    ],
    ["with a path", { origins: [`${APP}/`] }, /write "https:\/\/app.example"/],
    [
      "with the port that is the usual one",
      { origins: [`${APP}:443`] },
      /write "https:\/\/app.example"/,
    ],
    [
      "with capitals",
      { origins: ["https://App.example"] },
      /write "https:\/\/app.example"/,
    ],
    ["with a host alone", { origins: ["app.example"] }, /is no origin/],
    ["with an empty list", { origins: [] }, /an empty list/],
    [
      "with an origin alone",
      { origins: APP },
      /must be "\*", a list of origins or a function/,
    ],
    ["with true", { origins: true }, /option origins of cors\(\) must be/],
    [
      "with any field and credentials",
      { origins: [APP], credentials: true, requestHeaders: ["*"] },
      /"\*" in requestHeaders would be one name/,
    ],
    [
      "with any method and credentials",
      { origins: [APP], credentials: true, methods: ["*"] },
      /"\*" in methods/,
    ],
    [
      "with any exposed field and credentials",
      { origins: [APP], credentials: true, exposedHeaders: ["*"] },
      /"\*" in exposedHeaders/,
    ],
    [
      "with a method in small letters",
      { methods: ["put"] },
      /a list of methods in capitals/,
    ],
    [
      "with a method that pages may not use",
      { methods: ["TRACE"] },
      /option methods/,
    ],
    [
      "with a field that is none",
      { requestHeaders: ["a\r\nb"] },
      /a list of names of fields/,
    ],
    ["with a negative age", { maxAgeSeconds: -1 }, /a whole number, 0 or more/],
    [
      "with another library's option",
      { origin: APP },
      /no option "origin"; the options are origins/,
    ],
  ];
  for (const [how, options, message] of refused) {
    it(how, () => {
      const make = () => cors(options as CorsOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }

  it("but not with origins of other schemes and ports", () => {
    const origins = [
      "http://localhost:8080",
      "http://[::1]:3000",
      "chrome-extension://abcdef",
      "capacitor://localhost",
    ];
    for (const Origin of origins) {
      const fields = fieldsOf(answerTo({ origins }, { Origin }));
      assert.equal(fields["access-control-allow-origin"], Origin);
    }
  });
});
