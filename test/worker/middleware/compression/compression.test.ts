import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import zlib, { brotliDecompressSync, gunzipSync } from "node:zlib";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import {
  json,
  noContent,
  stream,
} from "../../../../src/worker/http/response-helpers.ts";
import { UpgradeResponse } from "../../../../src/worker/http/upgrade-response.ts";
import { compose } from "../../../../src/worker/middleware/compose.ts";
import {
  type CompressionOptions,
  compression,
} from "../../../../src/worker/middleware/compression/compression.ts";
import { CONTENT_CODINGS } from "../../../../src/worker/middleware/compression/content-coding.ts";
import { etag } from "../../../../src/worker/middleware/conditional/etag.ts";

const TEXT = "All the pretty horses. ".repeat(100);

interface ZstdOfNewerNode {
  readonly zstdDecompressSync: (bytes: Buffer) => Buffer;
}

interface Ask extends CompressionOptions {
  readonly method?: string;
  /** Default: gzip. */
  readonly accept?: string | undefined;
}

function ask(response: HttpResponse, { method, accept, ...options }: Ask = {}) {
  const request = new HttpRequest({
    method,
    headers: { "Accept-Encoding": accept ?? "gzip" },
  });
  return compression(options)(request, () => response);
}

function page(headers: Record<string, string> = {}, body = TEXT): HttpResponse {
  const fields = { "Content-Type": "text/plain; charset=utf-8", ...headers };
  return new HttpResponse(body, { headers: fields });
}

async function contentOf({ body }: HttpResponse): Promise<Buffer> {
  if (typeof body === "string") return Buffer.from(body);
  if (body === null || body instanceof Uint8Array)
    return Buffer.from(body ?? []);
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function assertUntouched(answer: unknown, response: HttpResponse): void {
  assert.equal(answer, response, "in the same tick");
  assert.equal(response.headers.get("vary"), undefined);
}

describe("compression()", () => {
  it("makes a whole body a shorter whole body", async () => {
    const answer = await ask(page());
    const { body, headers } = answer;
    assert.ok(body instanceof Uint8Array && body.length < 200);
    assert.equal(gunzipSync(body).toString(), TEXT);
    assert.equal(headers.get("content-encoding"), "gzip");
    assert.equal(headers.get("vary"), "Accept-Encoding");
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headers.get("content-length"), undefined, "the encoder's");
  });

  it("takes br where the client likes it as much", async () => {
    const answer = await ask(page(), { accept: "gzip, deflate, br, zstd" });
    assert.equal(answer.headers.get("content-encoding"), "br");
    const content = brotliDecompressSync(answer.body as Buffer);
    assert.equal(content.toString(), TEXT);
  });

  it("takes zstd where this Node.js has it", async () => {
    const answer = await ask(page(), { accept: "zstd, gzip;q=0.5" });
    const hasZstd = CONTENT_CODINGS.includes("zstd");
    const expected = hasZstd ? "zstd" : "gzip";
    assert.equal(answer.headers.get("content-encoding"), expected);
    assert.ok((await contentOf(answer)).length < 200);
    if (!hasZstd) return;
    const { zstdDecompressSync } = zlib as unknown as ZstdOfNewerNode;
    const content = zstdDecompressSync(await contentOf(answer));
    assert.equal(content.toString(), TEXT);
  });

  it("keeps status, reason and other fields", async () => {
    const headers = {
      "Content-Type": "text/html",
      "Set-Cookie": ["a=1", "b=2"],
    };
    const init = { status: 404, reason: "Gone Riding", headers };
    const answer = await ask(new HttpResponse(TEXT, init));
    assert.equal(answer.status, 404);
    assert.equal(answer.reason, "Gone Riding");
    assert.deepEqual(answer.headers.getAll("set-cookie"), ["a=1", "b=2"]);
    assert.equal(answer.headers.get("content-encoding"), "gzip");
  });

  it("does not wait where there is nothing to do", () => {
    const answer = ask(page(), { accept: "identity" });
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.body, TEXT);
    assert.equal(answer.headers.get("vary"), "Accept-Encoding");
  });

  it("waits for an answer that is a promise", async () => {
    const request = new HttpRequest({ headers: { "Accept-Encoding": "br" } });
    const answer = await compression()(request, async () => page());
    assert.equal(answer.headers.get("content-encoding"), "br");
  });

  it("sends content as it is to who names no coding", () => {
    const answer = compression()(new HttpRequest(), () => page());
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.body, TEXT);
  });

  it("sends content as it is where it would not get shorter", async () => {
    const compressed = await contentOf(await ask(page()));
    const headers = { "Content-Type": "text/plain" };
    const response = new HttpResponse(compressed, { headers });
    const answer = await ask(response, { minBytes: 1 });
    assert.equal(answer.body, compressed);
    assert.equal(answer.headers.get("content-encoding"), undefined);
    assert.equal(answer.headers.get("vary"), "Accept-Encoding");
  });

  it("§12.5.3 encodes all that it can for who refuses it as it is", async () => {
    const accept = "gzip, identity;q=0";
    const short = await ask(json({}), { accept });
    assert.equal(gunzipSync(short.body as Buffer).toString(), "{}");
    const image = page({ "Content-Type": "image/png" });
    const encoded = await ask(image, { accept });
    assert.equal(encoded.headers.get("content-encoding"), "gzip");
    const none = ask(page(), { accept: "identity;q=0" });
    assert.ok(none instanceof HttpResponse);
    assert.equal(none.body, TEXT);
  });

  it("puts the pieces of a very long whole body out one by one", async () => {
    const long = "0123456789abcdef".repeat(70_000);
    const answer = await ask(page({ "Content-Length": "1120000" }, long));
    assert.ok(!(answer.body instanceof Uint8Array));
    assert.equal(answer.headers.get("content-length"), undefined);
    assert.equal(gunzipSync(await contentOf(answer)).toString(), long);
  });
});

describe("compression() leaves alone", () => {
  it("bodies that are short, in bytes", async () => {
    const short = page({}, "x".repeat(1_023));
    assertUntouched(ask(short), short);
    const long = await ask(page({}, "\u00e9".repeat(512)));
    assert.equal(long.headers.get("content-encoding"), "gzip");
    const declared = stream(Readable.from(["x"]), "text/plain");
    declared.headers.set("Content-Length", "1");
    assertUntouched(ask(declared), declared);
    const other = page({}, "x".repeat(1_023));
    assert.notEqual(ask(other, { minBytes: 1_023 }), other);
  });

  for (const [name, value] of [
    ["Content-Encoding", "br"],
    ["Cache-Control", "max-age=60, No-Transform"],
    [
      "Content-Digest",
      "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
    ],
    ["Content-Type", "image/png"],
    ["Content-Type", "application/octet-stream"],
    ["Content-Type", "font/woff2"],
  ] as const) {
    it(`what has ${name}: ${value}`, () => {
      const response = page({ [name]: value });
      assertUntouched(ask(response), response);
    });
  }

  it("what has no type", () => {
    const response = new HttpResponse(TEXT);
    assertUntouched(ask(response), response);
  });

  it("§15.3.5 what has no content", () => {
    for (const accept of ["gzip", "gzip, *;q=0"]) {
      for (const method of ["GET", "HEAD"]) {
        const response = noContent();
        assertUntouched(ask(response, { accept, method }), response);
      }
    }
  });

  it("upgrades", () => {
    const response = new UpgradeResponse(() => {});
    assertUntouched(ask(response, { accept: "gzip, *;q=0" }), response);
  });

  it("§15.3.7 parts, but says what they depend on", () => {
    const headers = { "Content-Type": "text/plain", ETag: '"x"' };
    const response = new HttpResponse(TEXT, { status: 206, headers });
    assert.equal(ask(response), response);
    assert.equal(response.headers.get("vary"), "Accept-Encoding");
    assert.equal(response.headers.get("etag"), '"x"');
  });

  for (const type of [
    "text/css",
    "TEXT/HTML; charset=utf-8",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/wasm",
    "image/svg+xml",
    "font/ttf",
  ]) {
    it(`not ${type}`, async () => {
      const answer = await ask(page({ "Content-Type": type }));
      assert.equal(answer.headers.get("content-encoding"), "gzip");
    });
  }

  it("what an own test of types says", async () => {
    const isCompressible = (type: string) => type === "image/raw";
    const image = await ask(page({ "Content-Type": "image/raw" }), {
      isCompressible,
    });
    assert.equal(image.headers.get("content-encoding"), "gzip");
    const response = page();
    assertUntouched(ask(response, { isCompressible }), response);
  });
});

describe("the fields of a compressed answer", () => {
  it("§12.5.5 name what it depends on beside what it did already", async () => {
    for (const [before, after] of [
      ["Origin", "Origin, Accept-Encoding"],
      ["accept-encoding, Origin", "accept-encoding, Origin"],
      ["*", "*"],
    ] as const) {
      const answer = await ask(page({ Vary: before }));
      assert.equal(answer.headers.get("vary"), after);
    }
  });

  it("§8.8.3.3 have a weak tag in place of a strong one", async () => {
    const strong = await ask(page({ ETag: '"x"' }));
    assert.equal(strong.headers.get("etag"), 'W/"x"');
    const weak = await ask(page({ ETag: 'W/"x"' }));
    assert.equal(weak.headers.get("etag"), 'W/"x"');
    const asItIs = await ask(page({ ETag: '"x"' }), { accept: "identity" });
    assert.equal(asItIs.headers.get("etag"), '"x"');
  });

  it("§14.3 offer no ranges of what is made anew each time", async () => {
    const answer = await ask(page({ "Accept-Ranges": "bytes" }));
    assert.equal(answer.headers.get("accept-ranges"), undefined);
  });

  it("§15.4.5 are those of the 304 too", () => {
    const headers = { ETag: '"x"', Vary: "Origin" };
    const response = new HttpResponse(null, { status: 304, headers });
    const answer = ask(response);
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.headers.get("etag"), 'W/"x"');
    assert.equal(answer.headers.get("vary"), "Origin, Accept-Encoding");
  });

  it("§9.3.2 are the same for HEAD, also where it has no body", async () => {
    const head = await ask(page({ ETag: '"x"' }), { method: "HEAD" });
    const get = await ask(page({ ETag: '"x"' }));
    assert.deepEqual([...head.headers], [...get.headers]);
    assert.deepEqual(head.body, get.body, "for its length");
    const headers = { "Content-Type": "text/css", "Content-Length": "5000" };
    const bare = await ask(new HttpResponse(null, { headers }), {
      method: "HEAD",
    });
    assert.equal(bare.headers.get("content-encoding"), "gzip");
    assert.equal(bare.headers.get("content-length"), undefined);
    assert.equal((await contentOf(bare)).length, 0);
  });

  it("go with etag() inside: its tags are told apart, and match", async () => {
    const handler = compose([compression(), etag()], () => page());
    const fields = { "Accept-Encoding": "gzip" };
    const first = await handler(new HttpRequest({ headers: fields }));
    const tag = first.headers.get("etag") as string;
    assert.match(tag, /^W\/"/);
    const headers = { ...fields, "If-None-Match": tag };
    const again = await handler(new HttpRequest({ headers }));
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("etag"), tag);
    assert.equal(again.headers.get("vary"), "Accept-Encoding");
  });

  it("go with etag() outside too, at the cost of compressing", async () => {
    const handler = compose([etag(), compression()], () => page());
    const fields = { "Accept-Encoding": "gzip" };
    const first = await handler(new HttpRequest({ headers: fields }));
    const tag = first.headers.get("etag") as string;
    const headers = { ...fields, "If-None-Match": tag };
    const again = await handler(new HttpRequest({ headers }));
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("vary"), "Accept-Encoding");
  });
});

describe("compression() refuses", () => {
  for (const [options, message] of [
    [
      { level: 3 },
      /compression\(\) has no option "level"; the options are cod/,
    ],
    [
      { codings: ["deflate"] },
      /codings of compression\(\) must be an array of br/,
    ],
    [{ codings: "gzip" }, /option codings of compression\(\) must be an array/],
    [
      { minBytes: 0.5 },
      /minBytes of compression\(\) must be a whole number, 0/,
    ],
    [
      { brotliQuality: 12 },
      /brotliQuality of compression\(\) must be .* 0 to 11/,
    ],
    [{ gzipLevel: 0 }, /gzipLevel of compression\(\) must be .* 1 to 9/],
    [{ isCompressible: /x/ }, /isCompressible of .* must be a function/],
  ] as const) {
    it(Object.keys(options)[0] ?? "", () => {
      assert.throws(() => compression(options as CompressionOptions), message);
    });
  }
});
