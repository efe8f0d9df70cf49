import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { createLogger } from "../../../src/shared/logging/logger.ts";
import { withoutCredentials } from "../../../src/shared/logging/secrets.ts";
import { HttpHeaders } from "../../../src/worker/http/fields/http-headers.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { loggedHeaders } from "../../../src/worker/middleware/logging/logged-headers.ts";

/** Fields whose values must not be in the log. */
const SECRET_FIELDS = [
  "Authorization",
  "Proxy-Authorization",
  "Cookie",
  "Set-Cookie",
  "X-Api-Key",
  "Api-Key",
  "X-Auth-Token",
  "X-Access-Token",
  "X-CSRF-Token",
  "X-XSRF-TOKEN",
  "X-Vault-Token",
  "X-Amz-Security-Token",
  "X-Forwarded-Access-Token",
  "Private-Token",
  "X-Client-Secret",
  "X-Password",
  "Cf-Access-Jwt-Assertion",
  "X-Goog-Iap-Jwt-Assertion",
];

const PLAIN_FIELDS = ["Host", "Accept", "User-Agent", "X-Request-Id"];

const HEADERS = Object.fromEntries([
  ...SECRET_FIELDS.map((name) => [name, "s3cret"]),
  ...PLAIN_FIELDS.map((name) => [name, "plain"]),
]) as Record<string, string>;

/** The line with these fields, as text. */
function lineWith(fields: object): string {
  let line = "";
  const write = (text: string) => {
    line += text;
  };
  createLogger({ role: "worker", sink: { write } }).info(fields, "it");
  return line;
}

describe("the log has no secret", () => {
  it("of a field that logging() is told to log", () => {
    const names = [...SECRET_FIELDS, ...PLAIN_FIELDS];
    const request = new HttpRequest({ headers: HEADERS });
    const logged = loggedHeaders(names, [])(request) ?? {};
    for (const name of SECRET_FIELDS) {
      assert.equal(logged[name.toLowerCase()], "[redacted]", name);
    }
    for (const name of PLAIN_FIELDS) {
      assert.equal(logged[name.toLowerCase()], "plain", name);
    }
  });

  const forms = {
    "an object": HEADERS,
    HttpHeaders: new HttpHeaders(HEADERS),
    "Headers of Fetch": new Headers(HEADERS),
    "a Map": new Map(Object.entries(HEADERS)),
  };
  for (const [form, headers] of Object.entries(forms)) {
    it(`of header fields that the app logs, as ${form}`, () => {
      const line = lineWith({ headers });
      assert.doesNotMatch(line, /s3cret/);
      assert.equal(line.split('"plain"').length - 1, PLAIN_FIELDS.length);
    });
  }

  it("of a request or a response that the app logs whole", () => {
    const incoming = new IncomingMessage(new Socket());
    incoming.method = "GET";
    incoming.url = "/a?token=s3cret";
    Object.assign(incoming.headers, HEADERS);
    const outgoing = new ServerResponse(incoming);
    outgoing.setHeader("Set-Cookie", "s3cret");
    const target = "/a?token=s3cret";
    const values = {
      req: incoming,
      request: new HttpRequest({ target, headers: HEADERS }),
      res: outgoing,
      response: new HttpResponse("s3cret", { headers: HEADERS }),
    };
    const line = lineWith(values);
    assert.doesNotMatch(line, /s3cret/);
    const { req, request, res, response } = JSON.parse(line);
    assert.deepEqual(req, { method: "GET", path: "/a" });
    assert.deepEqual(request, { method: "GET", path: "/a" });
    assert.deepEqual(res, { status: 200 });
    assert.deepEqual(response, { status: 200 });
    const fetched = new Request("http://h.example/b?c=s3cret", {
      headers: HEADERS,
    });
    const fetchLine = lineWith({ request: fetched });
    assert.deepEqual(JSON.parse(fetchLine).request, {
      method: "GET",
      path: "/b",
    });
  });

  it("of an error, its fields and its causes", () => {
    const cause = Object.assign(new Error("redis://u:s3cret@h:1/0 is down"), {
      config: {
        headers: { Authorization: "Bearer s3cret", Accept: "plain" },
        auth: { password: "s3cret" },
      },
      input: "postgres://u:s3cret@h/db",
    });
    const err = Object.assign(new Error("no", { cause }), { token: "s3cret" });
    const line = lineWith({ err });
    const described = JSON.parse(lineWith({ err: cause })).err;
    assert.doesNotMatch(JSON.stringify(described), /s3cret/);
    assert.equal(described.config.headers.Accept, "plain");
    assert.doesNotMatch(line, /s3cret/);
  });

  it("of a URL with a user or a password", () => {
    const urls = {
      "redis://:s3cret@host:6379/0": "redis://***@host:6379/0",
      "rediss://user:s3cret@host": "rediss://***@host",
      "postgres://u:s3@cret@h/db?x=@y": "postgres://***@h/db?x=@y",
      "amqp://s3cret@h and http://a:s3cret@b/":
        "amqp://***@h and http://***@b/",
      "https://example.com/@user": "https://example.com/@user",
      "mail to a@b.example": "mail to a@b.example",
    };
    for (const [url, shown] of Object.entries(urls)) {
      assert.equal(withoutCredentials(url), shown);
    }
  });
});
