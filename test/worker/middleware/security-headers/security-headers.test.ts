import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../../src/worker/app/app.ts";
import type { RequestProtocol } from "../../../../src/worker/http/forwarded/client.ts";
import type { Handler } from "../../../../src/worker/http/handler.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { html, ok } from "../../../../src/worker/http/response-helpers.ts";
import {
  CSP_NONCE,
  type CspDirectives,
} from "../../../../src/worker/middleware/security-headers/content-security-policy.ts";
import { cspNonce } from "../../../../src/worker/middleware/security-headers/csp-nonce.ts";
import {
  type SecurityHeadersOptions,
  securityHeaders,
} from "../../../../src/worker/middleware/security-headers/security-headers.ts";

const CSP = "Content-Security-Policy";

/** An app that answers at once, called as often as one likes. */
function serve(
  options?: SecurityHeadersOptions,
  handler: Handler = () => ok({ a: 1 }),
) {
  const app = new App().use(securityHeaders(options)).get("/", handler);
  return (protocol: RequestProtocol = "http"): HttpResponse => {
    const answer = app.handle(new HttpRequest({ protocol }));
    assert.ok(answer instanceof HttpResponse, "in the same tick");
    return answer;
  };
}

/** One field of an answer. */
function fieldOf(options: SecurityHeadersOptions, name: string) {
  return serve(options)().headers.get(name);
}

describe("securityHeaders()", () => {
  it("has fields that harm nobody by default", () => {
    const { headers } = serve()();
    assert.deepEqual(
      [...headers],
      [
        ["content-type", "application/json"],
        ["x-content-type-options", "nosniff"],
        ["referrer-policy", "strict-origin-when-cross-origin"],
        ["x-frame-options", "SAMEORIGIN"],
        ["cross-origin-opener-policy", "same-origin"],
        ["cross-origin-resource-policy", "same-origin"],
        ["content-security-policy", "frame-ancestors 'self'"],
      ],
    );
  });

  it("has none where all are left out", () => {
    const answer = serve({
      hsts: false,
      noSniff: false,
      referrerPolicy: false,
      frameAncestors: false,
      openerPolicy: false,
      resourcePolicy: false,
      embedderPolicy: false,
    });
    const { headers } = answer("https");
    assert.deepEqual([...headers], [["content-type", "application/json"]]);
  });

  it("keeps what a handler has set itself", () => {
    const handler = () =>
      ok().with("x-frame-options", "DENY").with(CSP, "default-src 'none'");
    const { headers } = serve({}, handler)();
    assert.deepEqual(headers.getAll("X-Frame-Options"), ["DENY"]);
    assert.deepEqual(headers.getAll(CSP), ["default-src 'none'"]);
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
  });

  it("is on answers that are errors, too", () => {
    const failing = serve({}, () => {
      throw new TypeError("broken");
    });
    assert.equal(failing().headers.get("X-Content-Type-Options"), "nosniff");
  });

  it("makes fields once for responses that share theirs", () => {
    const answer = serve();
    assert.equal(answer().fields, answer().fields);
    assert.notEqual(answer().fields, answer("https").fields);
    const other = answer().with("ETag", '"1"');
    assert.equal(other.headers.has("ETag"), true);
    assert.equal(answer().headers.has("ETag"), false);
  });

  it("waits for an answer that comes later", async () => {
    const app = new App().use(securityHeaders()).get("/", async () => ok());
    const { headers } = await app.handle(new HttpRequest());
    assert.equal(headers.get("X-Frame-Options"), "SAMEORIGIN");
  });

  it("RFC 7034 §2 says who may frame it in two fields", () => {
    const both = (frameAncestors: SecurityHeadersOptions["frameAncestors"]) => {
      const { headers } = serve({ frameAncestors } as object)();
      return [headers.get("X-Frame-Options"), headers.get(CSP)];
    };
    assert.deepEqual(both("none"), ["DENY", "frame-ancestors 'none'"]);
    const shop = ["'self'", "https://shop.example"];
    const expected = "frame-ancestors 'self' https://shop.example";
    assert.deepEqual(both(shop), [undefined, expected]);
  });

  it("lists who may use which feature", () => {
    const permissionsPolicy = {
      camera: [],
      geolocation: ["self", "https://maps.example"],
      fullscreen: "*",
    } as const;
    assert.equal(
      fieldOf({ permissionsPolicy }, "Permissions-Policy"),
      'camera=(), geolocation=(self "https://maps.example"), fullscreen=*',
    );
  });
});

describe("Strict-Transport-Security", () => {
  const hsts = "Strict-Transport-Security";

  it("RFC 6797 §7.2 is on answers over TLS only", () => {
    const answer = serve();
    assert.equal(answer("http").headers.has(hsts), false);
    assert.equal(answer("https").headers.get(hsts), "max-age=31536000");
  });

  it("is on all answers where a proxy ends TLS", () => {
    const answer = serve({ hsts: { always: true, maxAgeSeconds: 60 } });
    assert.equal(answer("http").headers.get(hsts), "max-age=60");
  });

  it("RFC 6797 §6.1 may include subdomains, and ask for the lists", () => {
    const options = { includeSubDomains: true, preload: true };
    const { headers } = serve({ hsts: options })("https");
    const expected = "max-age=31536000; includeSubDomains; preload";
    assert.equal(headers.get(hsts), expected);
  });
});

describe("Content-Security-Policy", () => {
  it("has the directives, and who may frame it", () => {
    const contentSecurityPolicy: CspDirectives = {
      "default-src": ["'self'"],
      "img-src": ["'self'", "data:", "*.cdn.example"],
      "upgrade-insecure-requests": true,
      sandbox: [],
    };
    assert.equal(
      fieldOf({ contentSecurityPolicy }, CSP),
      "default-src 'self'; img-src 'self' data: *.cdn.example; " +
        "upgrade-insecure-requests; sandbox; frame-ancestors 'self'",
    );
  });

  it("may be reported about only, but for frames", () => {
    const { headers } = serve({
      contentSecurityPolicy: { "default-src": ["'none'"] },
      reportOnly: true,
    })();
    assert.equal(headers.get(CSP), "frame-ancestors 'self'");
    assert.equal(headers.get(`${CSP}-Report-Only`), "default-src 'none'");
  });

  const withNonce = {
    frameAncestors: false,
    contentSecurityPolicy: {
      "script-src": ["'self'", CSP_NONCE],
      "style-src": [CSP_NONCE],
    },
  } as const;

  it("has a nonce for each request that asks for one", () => {
    const nonces: string[] = [];
    const answer = serve(withNonce, (request) => {
      nonces.push(cspNonce(request));
      assert.equal(cspNonce(request), nonces.at(-1));
      return html(`<script nonce="${nonces.at(-1)}"></script>`);
    });
    for (const _ of [1, 2]) {
      const { headers } = answer();
      const nonce = nonces.at(-1);
      assert.match(nonce ?? "", /^[A-Za-z0-9_-]{22}$/);
      const expected = `script-src 'self' 'nonce-${nonce}'; style-src 'nonce-${nonce}'`;
      assert.deepEqual(headers.getAll(CSP), [expected]);
    }
    assert.notEqual(nonces[0], nonces[1]);
  });

  it("has no nonce where nobody asked for it", () => {
    assert.equal(
      fieldOf(withNonce, CSP),
      "script-src 'self'; style-src 'none'",
    );
  });

  it("of the handler's own is kept, also with a nonce", () => {
    const answer = serve(withNonce, (request) => {
      return ok(cspNonce(request)).with(CSP, "default-src 'self'");
    });
    assert.deepEqual(answer().headers.getAll(CSP), ["default-src 'self'"]);
  });
});

describe("securityHeaders() is not made with", () => {
  const csp = (directives: object) => ({ contentSecurityPolicy: directives });
  const refused: [options: unknown, error: RegExp][] = [
    [{ xss: true }, /securityHeaders\(\) has no option "xss"/],
    [{ referrerPolicy: "none" }, /option referrerPolicy .* or false$/],
    [{ frameAncestors: "SAMEORIGIN" }, /must be "none", "self", an array/],
    [{ hsts: true }, /option hsts .* must be an object or false/],
    [
      { hsts: { maxAge: 1 } },
      /hsts of securityHeaders\(\) has no option "maxA/,
    ],
    [{ hsts: { preload: true } }, /option preload .* needs includeSubDomains/],
    [{ permissionsPolicy: { Camera: [] } }, /"Camera" is no feature/],
    [
      { permissionsPolicy: { camera: "self" } },
      /camera must be "\*" or an arr/,
    ],
    [
      { permissionsPolicy: { camera: ['"'] } },
      /neither "self", "src" nor an or/,
    ],
    [csp({ script: [] }), /the directive "script" .* it is none; there are/],
    [csp({ "script-src": [] }), /"script-src" .* write \["'none'"\] to allow/],
    [csp({ "script-src": "'self'" }), /"script-src" .* must be an array of te/],
    [csp({ "script-src": ["self"] }), /would be a host: write "'self'"/],
    [csp({ "script-src": ["sha256-abc"] }), /write "'sha256-abc'"/],
    [csp({ "script-src": ["a; b"] }), /"a; b" is no source/],
    [csp({ "script-src": ["a\r\nb"] }), /is no source/],
    [csp({ "script-src": ["'none'", "a"] }), /'none' must stand alone/],
    [csp({ "frame-ancestors": ["a"] }), /is the option frameAncestors/],
    [csp({ "upgrade-insecure-requests": 1 }), /it must be true or false/],
  ];
  for (const [options, error] of refused) {
    it(JSON.stringify(options), () => {
      const make = () => securityHeaders(options as SecurityHeadersOptions);
      assert.throws(make, error);
    });
  }
});
