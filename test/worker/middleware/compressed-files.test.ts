import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { App } from "../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { compression } from "../../../src/worker/middleware/compression/compression.ts";
import { staticFiles } from "../../../src/worker/middleware/static-files/static-files.ts";
import { siteFolder } from "../../support/site-folder.ts";

const TEXT = "All the pretty horses. ".repeat(200);
const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";

const folder = siteFolder({
  "text.txt": TEXT,
  "photo.png": TEXT,
  "short.txt": "short",
  "ready.js": TEXT,
  "ready.js.gz": gzipSync(TEXT),
});
for (const name of ["text.txt", "photo.png", "ready.js", "ready.js.gz"]) {
  const at = new Date(MODIFIED);
  utimesSync(path.join(folder, name), at, at);
}

const compressed = new App()
  .use(compression())
  .get("/*path", staticFiles(folder));
const ready = new App().get(
  "/*path",
  staticFiles(folder, { precompressed: true }),
);

function ask(
  target: string,
  headers: Record<string, string>,
  app = compressed,
): Promise<HttpResponse> {
  const fields = { "Accept-Encoding": "gzip", ...headers };
  return Promise.resolve(
    app.handle(new HttpRequest({ target, headers: fields })),
  );
}

async function contentOf({ body }: HttpResponse): Promise<Buffer> {
  if (body === null || typeof body === "string") return Buffer.from(body ?? "");
  if (body instanceof Uint8Array) return Buffer.from(body);
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

describe("a range on the condition of a date", () => {
  for (const range of ["bytes=10-19", "bytes=0-1,10-11", "bytes=99999-"]) {
    it(`RFC 9110 §13.1.5 gets all of what may be encoded: ${range}`, async () => {
      const headers = { Range: range, "If-Range": MODIFIED };
      const response = await ask("/text.txt", headers);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-encoding"), "gzip");
      assert.equal(String(gunzipSync(await contentOf(response))), TEXT);
      const identity = { ...headers, "Accept-Encoding": "identity" };
      const plain = await ask("/text.txt", identity);
      assert.equal(plain.status, 200, "the client may hold the other coding");
      assert.equal(String(await contentOf(plain)), TEXT);
    });
  }

  it("§13.1.5 gets all of a file that is there in codings", async () => {
    const headers = { Range: "bytes=10-19", "If-Range": MODIFIED };
    for (const accept of ["gzip", "identity"]) {
      const fields = { ...headers, "Accept-Encoding": accept };
      assert.equal((await ask("/ready.js", fields, ready)).status, 200);
    }
  });

  it("§13.1.5 gets the range of what is in no coding", async () => {
    const headers = { Range: "bytes=0-2", "If-Range": MODIFIED };
    const response = await ask("/photo.png", headers);
    assert.equal(response.status, 206);
    assert.equal(String(await contentOf(response)), "All");
    assert.equal(response.headers.get("vary"), undefined);
  });
});

describe("Vary", () => {
  const varyOf = async (target: string, headers: Record<string, string>) => {
    const response = await ask(target, headers);
    await contentOf(response);
    return `${response.status} ${response.headers.get("vary")}`;
  };

  it("RFC 9110 §12.5.5 is in answers with a part, however short", async () => {
    for (const range of ["bytes=0-2", "bytes=0-1,10-11"]) {
      const vary = await varyOf("/text.txt", { Range: range });
      assert.equal(vary, "206 Accept-Encoding");
    }
    const short = await varyOf("/short.txt", { Range: "bytes=0-2" });
    assert.equal(short, "206 undefined", "the whole is never encoded");
  });

  it("§15.4.5 is in a 304, also where it has no tag", async () => {
    const headers = { "If-Modified-Since": MODIFIED };
    const vary = await varyOf("/text.txt", headers);
    assert.equal(vary, "304 Accept-Encoding");
    const bare = new App()
      .use(compression())
      .get("/", () => new HttpResponse(null, { status: 304 }));
    const response = await ask("/", {}, bare);
    assert.equal(response.status, 304);
    assert.equal(response.headers.get("vary"), "Accept-Encoding");
  });
});
