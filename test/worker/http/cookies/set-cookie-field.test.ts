import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { CookieOptions } from "../../../../src/worker/http/cookies/set-cookie-field.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";

function fieldOf(name: string, value: string, options?: CookieOptions) {
  const response = new HttpResponse().setCookie(name, value, options);
  return response.headers.get("Set-Cookie");
}

describe("a cookie that a response sets", () => {
  it("is safe by default: this host, TLS, no scripts, no other sites", () => {
    assert.equal(
      fieldOf("id", "7"),
      "id=7; Path=/; Secure; HttpOnly; SameSite=Lax",
    );
  });

  it("has all the attributes that it is given", () => {
    const field = fieldOf("id", "7", {
      maxAgeSeconds: 3600,
      expires: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
      path: "/app",
      domain: "example.com",
      secure: true,
      httpOnly: false,
      sameSite: "none",
      partitioned: true,
      priority: "high",
    });
    assert.equal(
      field,
      "id=7; Max-Age=3600; Expires=Wed, 02 Jan 2030 03:04:05 GMT; " +
        "Domain=example.com; Path=/app; Secure; SameSite=None; Partitioned; " +
        "Priority=High",
    );
  });

  it("has a line of its own beside others", () => {
    const response = ok("x").setCookie("a", "1").setCookie("b", "2");
    assert.equal(response.headers.getAll("Set-Cookie").length, 2);
    assert.equal(ok("x").headers.has("Set-Cookie"), false);
  });

  it("is deleted by an age of 0, on the same path and domain", () => {
    const response = ok().deleteCookie("id", { path: "/app" });
    assert.equal(
      response.headers.get("Set-Cookie"),
      "id=; Max-Age=0; Path=/app; Secure; HttpOnly; SameSite=Lax",
    );
  });

  it("RFC 6265 §4.1.1 has a value of cookie-octets, all else escaped", () => {
    const octets = "!#$&'()*+-./09:<=>?@AZ[]^_`az{|}~";
    assert.ok(fieldOf("a", octets)?.startsWith(`a=${octets};`));
    assert.ok(
      fieldOf("a", 'é" ,;\\%\r\n')?.startsWith(
        "a=%C3%A9%22%20%2C%3B%5C%25%0D%0A;",
      ),
    );
  });

  it("comes back as any text that it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (value) => {
        const [pair] = fieldOf("a", value)?.split("; ") ?? [];
        const request = new HttpRequest({ headers: { Cookie: pair ?? "" } });
        assert.equal(request.cookies.a, value);
      }),
    );
  });
});

describe("a cookie is refused", () => {
  const refused: readonly [
    why: string,
    name: string,
    value: unknown,
    options: object,
    message: RegExp,
  ][] = [
    ["without a name", "", "1", {}, /the cookie name "" is not a token/],
    ["with '=' in its name", "a=b", "1", {}, /"a=b" is not a token/],
    ["with a line end in its name", "a\r\nB", "1", {}, /is not a token/],
    [
      "with a number as value",
      "a",
      1,
      {},
      /value of "a" must be a text, not 1/,
    ],
    ["with half a pair of surrogates", "a", "\ud800", {}, /no Unicode text/],
    ["longer than clients keep", "a", "x".repeat(4096), {}, /has 4097 bytes/],
    [
      "with an option of another name",
      "a",
      "1",
      { maxAge: 1 },
      /no option "maxAge"; the options are maxAgeSeconds, expires/,
    ],
    [
      "with a negative age",
      "a",
      "1",
      { maxAgeSeconds: -1 },
      /maxAgeSeconds of "a" must be a whole number of seconds, 0 or more, not -1/,
    ],
    [
      "with an age that is no whole number",
      "a",
      "1",
      { maxAgeSeconds: 1.5 },
      /not 1.5/,
    ],
    [
      "with a date that is none",
      "a",
      "1",
      { expires: new Date("x") },
      /must be a Date from the year 1601/,
    ],
    [
      "with a date as text",
      "a",
      "1",
      { expires: "tomorrow" },
      /must be a Date/,
    ],
    [
      "with another attribute in its path",
      "a",
      "1",
      { path: "/; Domain=evil" },
      /path of "a" must be ASCII/,
    ],
    [
      "with a path that is relative",
      "a",
      "1",
      { path: "app" },
      /begins with "\/"/,
    ],
    [
      "with a URL as domain",
      "a",
      "1",
      { domain: "https://a.example" },
      /the name of a host/,
    ],
    [
      "with another attribute in its domain",
      "a",
      "1",
      { domain: "a; Secure" },
      /the name of a host/,
    ],
    [
      "with another word for sameSite",
      "a",
      "1",
      { sameSite: "Lax" },
      /must be "strict" or "lax" or "none", not "Lax"/,
    ],
    [
      "with a text for secure",
      "a",
      "1",
      { secure: "yes" },
      /secure of "a" must be true or false/,
    ],
    [
      "with sameSite none without secure",
      "a",
      "1",
      { sameSite: "none", secure: false },
      /must have secure: true, as sameSite is none/,
    ],
    [
      "partitioned without secure",
      "a",
      "1",
      { partitioned: true, secure: false },
      /as it is partitioned/,
    ],
    [
      "__Secure- without secure",
      "__Secure-a",
      "1",
      { secure: false },
      /must have secure: true, as its name begins so/,
    ],
    [
      "__Host- without secure",
      "__Host-a",
      "1",
      { secure: false },
      /must have secure: true/,
    ],
    [
      "__host- in any case with a domain",
      "__hOsT-a",
      "1",
      { domain: "a.example" },
      /must have no domain/,
    ],
    [
      "__Host- with another path",
      "__Host-a",
      "1",
      { path: "/app" },
      /must have path: "\/"/,
    ],
  ];
  for (const [why, name, value, options, message] of refused) {
    it(why, () => {
      const set = () => fieldOf(name, value as string, options);
      assert.throws(set, { name: "TypeError", message });
    });
  }

  it("but not __Host- and __Secure- as they must be", () => {
    assert.ok(fieldOf("__Host-id", "1"));
    assert.ok(fieldOf("__Secure-id", "1", { domain: "a.example", path: "/x" }));
    assert.ok(fieldOf("id", "1", { secure: false, path: undefined }));
  });
});
