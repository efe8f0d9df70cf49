import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import {
  notFound,
  ok,
  stream,
  text,
} from "../../../../src/worker/http/response-helpers.ts";
import {
  type EtagOptions,
  etag,
} from "../../../../src/worker/middleware/conditional/etag.ts";

interface Ask extends EtagOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What becomes of the answer, in the same tick. */
function answer(response: HttpResponse, ask: Ask = {}): HttpResponse {
  const { method = "GET", headers = {}, ...options } = ask;
  const request = new HttpRequest({ method, headers });
  const changed = etag(options)(request, () => response);
  assert.ok(changed instanceof HttpResponse);
  return changed;
}

const tagOf = (response: HttpResponse) => response.headers.get("etag");

describe("etag()", () => {
  it("makes a tag of the body's length and its SHA-256", () => {
    const digest = createHash("sha256").update("héllo").digest("base64url");
    const expected = `"6-${digest.slice(0, 27)}"`;
    assert.equal(tagOf(answer(ok("héllo"))), expected);
    assert.equal(tagOf(answer(ok(Buffer.from("héllo")))), expected);
    assert.equal(tagOf(answer(ok("héllo"), { method: "HEAD" })), expected);
    assert.notEqual(tagOf(answer(ok("hello"))), expected);
  });

  it("§8.8.1 makes a weak one where told", () => {
    assert.match(tagOf(answer(ok("x"), { weak: true })) ?? "", /^W\/"1-/);
  });

  it("leaves a tag as it is", () => {
    const response = ok("x").with("ETag", '"mine"');
    assert.equal(tagOf(answer(response)), '"mine"');
  });

  it("makes none for what is no whole body of a 200 to GET or HEAD", () => {
    assert.equal(tagOf(answer(notFound())), undefined);
    assert.equal(tagOf(answer(text("x", 201))), undefined);
    assert.equal(tagOf(answer(ok("x"), { method: "POST" })), undefined);
    assert.equal(tagOf(answer(ok())), undefined);
    assert.equal(tagOf(answer(stream(Readable.from(["x"])))), undefined);
  });

  it("makes none where no cache may keep the answer", () => {
    const response = ok("x").with("Cache-Control", "private, No-Store");
    assert.equal(tagOf(answer(response)), undefined);
  });

  it("makes none for a body that is too long to hash", () => {
    assert.ok(tagOf(answer(ok("éé"), { maxBytes: 4 })));
    assert.equal(tagOf(answer(ok("ééx"), { maxBytes: 4 })), undefined);
    assert.equal(tagOf(answer(ok("x".repeat(1_048_577)))), undefined);
  });

  it("waits for an answer that is a promise", async () => {
    const request = new HttpRequest();
    const changed = etag()(request, async () => ok("x"));
    assert.ok(changed instanceof Promise);
    assert.match(tagOf(await changed) ?? "", /^"1-/);
  });

  for (const [options, message] of [
    [
      { week: true },
      /etag\(\) has no option "week"; the options are weak, max/,
    ],
    [{ weak: 1 }, /option weak of etag\(\) must be a boolean/],
    [{ maxBytes: -1 }, /option maxBytes of etag\(\) must be a whole number, 0/],
    [null, /the options of etag\(\) must be an object/],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => etag(options as EtagOptions), message);
    });
  }
});

describe("a conditional request", () => {
  it("§15.4.5 gets a 304 with the fields that caches need", () => {
    const tag = tagOf(answer(ok("x"))) as string;
    const response = new HttpResponse("x", {
      headers: {
        "Content-Type": "text/plain",
        "Content-Language": "en",
        "Content-Location": "/x.en",
        "Cache-Control": "max-age=60",
        Expires: "Sun, 06 Nov 1994 08:49:37 GMT",
        "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
        Vary: "Origin",
        "Access-Control-Allow-Origin": "https://a.example",
        "Set-Cookie": ["a=1", "b=2"],
      },
    });
    const changed = answer(response, { headers: { "If-None-Match": tag } });
    assert.equal(changed.status, 304);
    assert.equal(changed.body, null);
    assert.deepEqual(
      [...changed.headers],
      [
        ["content-location", "/x.en"],
        ["cache-control", "max-age=60"],
        ["expires", "Sun, 06 Nov 1994 08:49:37 GMT"],
        ["vary", "Origin"],
        ["access-control-allow-origin", "https://a.example"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["etag", tag],
      ],
    );
  });

  it("§13.1.3 gets a 304 also by the date that a handler gives", () => {
    const source = Readable.from(["x"]);
    const date = "Sun, 06 Nov 1994 08:49:37 GMT";
    const response = stream(source).with("Last-Modified", date);
    const headers = { "If-Modified-Since": date };
    const changed = answer(response, { headers });
    assert.equal(changed.status, 304);
    assert.equal(changed.headers.get("last-modified"), date);
    assert.ok(source.destroyed, "nobody wants the body");
  });

  it("§13.1.1 gets a 412 where it wanted another version", () => {
    const changed = answer(ok("x"), { headers: { "If-Match": '"y"' } });
    assert.equal(changed.status, 412);
    assert.equal(changed.headers.get("etag"), undefined);
  });

  it("§13.2.1 gets what is no 200 as it is", () => {
    const headers = { "If-None-Match": "*", "If-Match": '"y"' };
    assert.equal(answer(notFound(), { headers }).status, 404);
  });

  it("§13.2.1 of a method that changes something is the handler's", () => {
    const headers = { "If-Match": '"y"' };
    const changed = answer(ok("done"), { method: "PUT", headers });
    assert.equal(changed.status, 200);
  });

  it("gets all of a body that has nothing to compare", () => {
    const headers = { "If-None-Match": '"x"', "If-Match": '"x"' };
    const changed = answer(stream(Readable.from(["x"])), { headers });
    assert.equal(changed.status, 200);
  });
});
