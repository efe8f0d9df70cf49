import assert from "node:assert/strict";
import {
  appendFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { App } from "../../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import type { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import { compression } from "../../../../src/worker/middleware/compression/compression.ts";
import {
  type StaticFilesOptions,
  staticFiles,
} from "../../../../src/worker/middleware/static-files/static-files.ts";
import { MODIFIED, siteFolder } from "../../../support/site-folder.ts";

const DIGITS = "0123456789".repeat(20_000);

const root = siteFolder({
  "index.html": "<h1>Remuda</h1>",
  "docs/index.html": "<h1>Docs</h1>",
  "docs/a b.txt": "a b",
  "docs/v1.0/index.html": "1.0",
  "css/main.css": "body {}",
  "empty.txt": "",
  "digits.txt": DIGITS,
  ".env": "SECRET=1",
  ".well-known/security.txt": "Contact: us",
});

type Fields = Readonly<Record<string, string>>;

interface Ask {
  readonly method?: string;
  readonly headers?: Fields;
  readonly options?: StaticFilesOptions;
  readonly root?: string | URL;
}

async function ask(target: string, ask: Ask = {}): Promise<HttpResponse> {
  const { method = "GET", headers = {}, options } = ask;
  const app = new App().get("/*path", staticFiles(ask.root ?? root, options));
  return app.handle(new HttpRequest({ target, method, headers }));
}

async function contentOf({ body }: HttpResponse): Promise<string> {
  if (body === null || typeof body === "string") return body ?? "";
  if (body instanceof Uint8Array) return Buffer.from(body).toString("latin1");
  let content = "";
  for await (const piece of body)
    content += Buffer.from(piece).toString("latin1");
  return content;
}

/** Status and content; the content of errors is not looked at. */
async function get(target: string, options: Ask = {}) {
  const response = await ask(target, options);
  const content = await contentOf(response);
  const { status } = response;
  return status < 300 ? `${status} ${content}` : String(status);
}

describe("staticFiles()", () => {
  it("sends a file with all that a browser wants to know", async () => {
    const response = await ask("/css/main.css");
    assert.equal(response.status, 200);
    assert.equal(await contentOf(response), "body {}");
    const fields = Object.fromEntries(response.headers);
    assert.match(fields.etag ?? "", /^W\/"7-[0-9a-f]+"$/);
    assert.deepEqual(
      { ...fields, etag: "" },
      {
        "content-type": "text/css; charset=utf-8",
        "content-length": "7",
        "cache-control": "max-age=0",
        "last-modified": MODIFIED,
        etag: "",
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
      },
    );
  });

  it("sends an empty file, a long one, and one with a space", async () => {
    assert.equal(await get("/empty.txt"), "200 ");
    assert.equal(await get("/digits.txt"), `200 ${DIGITS}`);
    assert.equal(await get("/docs/a%20b.txt"), "200 a b");
    assert.equal(await get("/docs/a%20b.txt?v=1"), "200 a b");
  });

  it("takes its root as a file: URL too", async () => {
    const url = pathToFileURL(root);
    assert.equal(await get("/css/main.css", { root: url }), "200 body {}");
  });

  it("serves below the wildcard of any route", async () => {
    const app = new App();
    app.router.group("/:version", (group) => {
      group.get("/files/*", staticFiles(root));
    });
    const response = await app.handle(
      new HttpRequest({ target: "/v1/files/docs/a%20b.txt" }),
    );
    assert.equal(await contentOf(response), "a b");
  });

  it("lets other routes go first", async () => {
    const app = new App().get("/*path", staticFiles(root));
    app.get("/docs/:page", () => ok("a route"));
    const request = new HttpRequest({ target: "/docs/index.html" });
    assert.equal((await app.handle(request)).body, "a route");
  });

  it("answers 404 for what is not there", async () => {
    for (const target of [
      "/nothing",
      "/css/nothing",
      "/css/main.css/",
      "/css/main.css/x",
      "/css//main.css",
      "/Css/main.css",
      `/${"x".repeat(300)}`,
      `/${"x/".repeat(3_000)}`,
    ]) {
      assert.equal(await get(target), "404", target);
    }
  });

  it("§9.3.2 answers HEAD as GET, without the content", async () => {
    for (const target of ["/css/main.css", "/digits.txt", "/empty.txt"]) {
      const head = await ask(target, { method: "HEAD" });
      const get = await ask(target);
      assert.equal(head.status, 200);
      assert.equal(head.body, null);
      assert.deepEqual([...head.headers], [...get.headers]);
      await contentOf(get);
    }
    const missing = await ask("/nothing", { method: "HEAD" });
    assert.equal(missing.status, 404);
  });

  it("§15.5.6 answers 405 to other methods", async () => {
    const post = await ask("/css/main.css", { method: "POST" });
    assert.equal(post.status, 405);
    const handler = staticFiles(root);
    const app = new App().route(["GET", "PUT"], "/*", handler);
    const put = new HttpRequest({ method: "PUT", target: "/x" });
    const response = await app.handle(put);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  });

  it("says that its route needs a wildcard", async () => {
    const app = new App().get("/:file", staticFiles(root));
    const request = new HttpRequest({ target: "/css" });
    assert.equal((await app.handle(request)).status, 500);
  });
});

describe("a folder", () => {
  it("is its index file", async () => {
    assert.equal(await get("/"), "200 <h1>Remuda</h1>");
    assert.equal(await get("/docs/"), "200 <h1>Docs</h1>");
    assert.equal(await get("/css/"), "404");
    assert.equal(
      await get("/docs/", { options: { index: "a b.txt" } }),
      "200 a b",
    );
  });

  it("without a slash is redirected to itself with one", async () => {
    for (const [target, location] of [
      ["/docs", "./docs/"],
      ["/docs?a=1&b=/2", "./docs/?a=1&b=/2"],
      ["/docs/v1.0", "./v1.0/"],
    ] as const) {
      const response = await ask(target);
      assert.equal(response.status, 301);
      assert.equal(response.headers.get("location"), location);
    }
  });

  it("is nothing where there is no index", async () => {
    const options = { index: false } as const;
    assert.equal(await get("/", { options }), "404");
    assert.equal(await get("/docs/", { options }), "404");
    assert.equal(await get("/docs", { options }), "404");
    assert.equal(
      await get("/docs/index.html", { options }),
      "200 <h1>Docs</h1>",
    );
  });
});

describe("the fallback", () => {
  const options = {
    fallback: "index.html",
    maxAgeSeconds: 60,
    immutable: true,
  };

  it("answers for paths that are no files", async () => {
    for (const target of ["/users", "/users/7/", "/docs.v1/edit", "/css/"]) {
      const response = await ask(target, { options });
      assert.equal(await contentOf(response), "<h1>Remuda</h1>");
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("cache-control"), "max-age=0");
      assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    }
  });

  it("does not answer for files that are missing, or refused", async () => {
    for (const target of ["/missing.js", "/css/old.css", "/.env", "/a//b"]) {
      assert.equal(await get(target, { options }), "404", target);
    }
  });

  it("leaves files and folders as they are", async () => {
    assert.equal(await get("/css/main.css", { options }), "200 body {}");
    assert.equal(await get("/docs", { options }), "301");
  });
});

describe("names that begin with a dot", () => {
  it("are 404", async () => {
    assert.equal(await get("/.env"), "404");
    assert.equal(await get("/.well-known/security.txt"), "404");
  });

  it("RFC 8615 are served in .well-known, where told", async () => {
    const options = { dotfiles: "wellKnown" } as const;
    const target = "/.well-known/security.txt";
    assert.equal(await get(target, { options }), "200 Contact: us");
    assert.equal(await get("/.env", { options }), "404");
  });

  it("are all served, where told", async () => {
    const options = { dotfiles: "allow" } as const;
    assert.equal(await get("/.env", { options }), "200 SECRET=1");
  });
});

describe("Cache-Control", () => {
  it("says how long, and RFC 8246 whether for ever", async () => {
    const options = { maxAgeSeconds: 31_536_000, immutable: true };
    const { headers } = await ask("/css/main.css", { options });
    const expected = "max-age=31536000, immutable";
    assert.equal(headers.get("cache-control"), expected);
  });
});

describe("a conditional request", () => {
  it("§15.4.5 gets 304 for the tag that it has", async () => {
    const etag = (await ask("/css/main.css")).headers.get("etag") as string;
    const headers = { "If-None-Match": `"x", ${etag}` };
    const response = await ask("/css/main.css", { headers });
    assert.equal(response.status, 304);
    assert.deepEqual(
      [...response.headers],
      [
        ["cache-control", "max-age=0"],
        ["etag", etag],
        ["x-content-type-options", "nosniff"],
      ],
    );
  });

  it("gets 304 with the tag of another machine's copy of the file", async () => {
    const [one, other] = [{ "x.txt": "x" }, { "x.txt": "x" }].map(siteFolder);
    const { headers } = await ask("/x.txt", { root: one as string });
    const fields = { "If-None-Match": headers.get("etag") as string };
    const there = { root: other as string, headers: fields };
    assert.equal(await get("/x.txt", there), "304");
  });

  it("§13.1.3 gets 304 for the date that it has", async () => {
    const headers = { "If-Modified-Since": MODIFIED };
    assert.equal(await get("/css/main.css", { headers }), "304");
    assert.equal(
      await get("/css/main.css", { headers, method: "HEAD" }),
      "304",
    );
  });

  it("gets the new file, also where its length is the old one", async () => {
    const folder = siteFolder({ "x.txt": "one" });
    const { headers } = await ask("/x.txt", { root: folder });
    const fields = {
      "If-None-Match": headers.get("etag") as string,
      "If-Modified-Since": headers.get("last-modified") as string,
    };
    writeFileSync(path.join(folder, "x.txt"), "two");
    const again = { root: folder, headers: fields };
    assert.equal(await get("/x.txt", again), "200 two");
  });

  it("§13.1.1, §13.1.4 gets 412 where it wanted another version", async () => {
    const early = "Sun, 06 Nov 1994 08:49:36 GMT";
    for (const headers of [
      { "If-Match": '"x"' },
      { "If-Unmodified-Since": early },
    ] as Fields[]) {
      assert.equal(await get("/css/main.css", { headers }), "412");
    }
    const headers = { "If-Match": "*", "If-Unmodified-Since": early };
    assert.equal(await get("/css/main.css", { headers }), "200 body {}");
  });

  it("§13.2.1 gets 404 and 301 as they are", async () => {
    const headers = { "If-None-Match": "*", "If-Match": '"x"' };
    assert.equal(await get("/nothing", { headers }), "404");
    assert.equal(await get("/docs", { headers }), "301");
  });

  it("§8.8.2.1 is never told a date that is yet to come", async () => {
    const folder = siteFolder({ "x.txt": "x" });
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(path.join(folder, "x.txt"), future, future);
    const { headers } = await ask("/x.txt", { root: folder });
    const told = Date.parse(headers.get("last-modified") ?? "");
    assert.ok(told <= Date.now());
  });
});

describe("a range", () => {
  it("§15.3.7 is sent with its place", async () => {
    const headers = { Range: "bytes=10-19" };
    const response = await ask("/digits.txt", { headers });
    assert.equal(response.status, 206);
    assert.equal(await contentOf(response), "0123456789");
    const place = `bytes 10-19/${DIGITS.length}`;
    assert.equal(response.headers.get("content-range"), place);
    assert.equal(response.headers.get("content-length"), "10");
    assert.equal(response.headers.get("last-modified"), MODIFIED);
    assert.match(response.headers.get("etag") ?? "", /^W\//);
  });

  it("may be long, and the end", async () => {
    const headers = { Range: "bytes=1-" };
    const rest = DIGITS.slice(1);
    assert.equal(await get("/digits.txt", { headers }), `206 ${rest}`);
    const last = { headers: { Range: "bytes=-3" } };
    assert.equal(await get("/digits.txt", last), "206 789");
  });

  it("§14.6 is one part of several", async () => {
    const headers = { Range: "bytes=0-1, 100000-100002, -1" };
    const response = await ask("/digits.txt", { headers });
    assert.equal(response.status, 206);
    assert.equal(response.headers.get("content-range"), undefined);
    const type = response.headers.get("content-type") ?? "";
    const [, boundary] =
      /^multipart\/byteranges; boundary=(\w+)$/.exec(type) ?? [];
    const content = await contentOf(response);
    const part = (place: string, text: string) =>
      `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Range: bytes ${place}/200000\r\n\r\n${text}\r\n`;
    assert.equal(
      content,
      part("0-1", "01") +
        part("100000-100002", "012") +
        part("199999-199999", "9") +
        `--${boundary}--\r\n`,
    );
    const length = response.headers.get("content-length");
    assert.equal(length, String(content.length));
  });

  it("§15.5.17 that is not there is a 416 with the length", async () => {
    const headers = { Range: "bytes=200000-" };
    const response = await ask("/digits.txt", { headers });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get("content-range"), "bytes */200000");
  });

  it("§14.2 is ignored in what is not GET, or not understood", async () => {
    const headers = { Range: "bytes=0-1" };
    const head = await ask("/digits.txt", { headers, method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), "200000");
    const lines = { headers: { Range: "lines=0-1" } };
    assert.equal(await get("/digits.txt", lines), `200 ${DIGITS}`);
    assert.equal(await get("/empty.txt", { headers }), "200 ");
  });

  it("§13.2.2 is looked at after the conditions", async () => {
    const headers = { Range: "bytes=0-1", "If-Modified-Since": MODIFIED };
    assert.equal(await get("/digits.txt", { headers }), "304");
  });

  it("§13.1.5 is sent where the file is the same as before", async () => {
    const range = (condition: string) => ({
      headers: { Range: "bytes=0-1", "If-Range": condition },
    });
    assert.equal(await get("/digits.txt", range(MODIFIED)), "206 01");
    const { headers } = await ask("/css/main.css");
    for (const condition of [
      "Sun, 06 Nov 1994 08:49:38 GMT",
      "yesterday",
      '"x"',
      // A weak tag never says that the octets are the same.
      headers.get("etag") as string,
    ]) {
      assert.equal(await get("/css/main.css", range(condition)), "200 body {}");
    }
  });

  it("§8.8.2.2 is not sent by a date that was just now", async () => {
    const folder = siteFolder({});
    const file = path.join(folder, "x.txt");
    // In a second that is not over, however slow this test is.
    const soon = new Date(Date.now() + 60_000);
    writeFileSync(file, "digits");
    utimesSync(file, soon, soon);
    const { headers } = await ask("/x.txt", { root: folder });
    const fields = {
      Range: "bytes=0-1",
      "If-Range": headers.get("last-modified") as string,
    };
    const again = { root: folder, headers: fields };
    assert.equal(await get("/x.txt", again), "200 digits");
  });
});

describe("files that are compressed already", () => {
  const code = "let it = 'run';".repeat(50);
  const folder = siteFolder({
    "app.js": code,
    "app.js.br": brotliCompressSync(code),
    "app.js.gz": gzipSync(code),
    "old.js": "new",
    "only.js": "plain",
    "photo.png": "png",
    "photo.png.gz": "never",
  });
  writeFileSync(path.join(folder, "old.js.gz"), gzipSync("old"));
  const early = new Date(0);
  utimesSync(path.join(folder, "old.js.gz"), early, early);
  const options = { precompressed: true };
  const askFor = (target: string, accept: string, more: Fields = {}) =>
    ask(target, {
      root: folder,
      options,
      headers: { "Accept-Encoding": accept, ...more },
    });

  for (const [target, accept, coding] of [
    ["/app.js", "gzip, br", "br"],
    ["/app.js", "gzip", "gzip"],
    ["/app.js", "zstd, gzip;q=0.5", "gzip"],
    ["/app.js", "gzip;q=1, br;q=0.5", "gzip"],
    ["/app.js", "", undefined],
    ["/app.js", "br;q=0, deflate", undefined],
    ["/only.js", "gzip, br", undefined],
    ["/old.js", "gzip", undefined],
  ] as const) {
    it(`are sent for ${target} and "${accept}" as ${coding}`, async () => {
      const response = await askFor(target, accept);
      const { headers } = response;
      assert.equal(response.status, 200);
      assert.equal(headers.get("content-encoding"), coding);
      assert.equal(headers.get("vary"), "Accept-Encoding");
      assert.match(headers.get("content-type") ?? "", /^text\/javascript/);
      const { length } = await contentOf(response);
      assert.equal(headers.get("content-length"), String(length));
    });
  }

  it("have tags of their own", async () => {
    const tags = new Set<unknown>();
    for (const accept of ["", "br", "gzip"]) {
      const { headers } = await askFor("/app.js", accept);
      tags.add(headers.get("etag"));
    }
    assert.equal(tags.size, 3);
    const { headers } = await askFor("/app.js", "br");
    const etag = headers.get("etag") as string;
    const again = await askFor("/app.js", "br", { "If-None-Match": etag });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("vary"), "Accept-Encoding");
  });

  it("§14 have ranges of what is sent", async () => {
    const response = await askFor("/app.js", "gzip", { Range: "bytes=0-1" });
    assert.equal(response.status, 206);
    assert.equal(await contentOf(response), "\x1f\x8b");
    assert.equal(response.headers.get("content-encoding"), "gzip");
  });

  it("are not looked for beside what does not shrink", async () => {
    const response = await askFor("/photo.png", "gzip");
    assert.equal(await contentOf(response), "png");
    assert.equal(response.headers.get("vary"), undefined);
  });

  it("are not looked for unless told", async () => {
    const headers = { "Accept-Encoding": "br" };
    const response = await ask("/app.js", { root: folder, headers });
    assert.equal(response.headers.get("content-encoding"), undefined);
  });

  it("are left alone by compression(), which does the others", async () => {
    const app = new App().use(compression({ minBytes: 1 }));
    app.get("/*", staticFiles(folder, options));
    const codingOf = async (target: string) => {
      const headers = { "Accept-Encoding": "gzip" };
      const response = await app.handle(new HttpRequest({ target, headers }));
      await contentOf(response);
      return response.headers.get("content-encoding");
    };
    assert.equal(await codingOf("/app.js"), "gzip");
    assert.equal(await codingOf("/photo.png"), undefined);
  });
});

describe("symbolic links", () => {
  const base = siteFolder({
    "site/a.txt": "a",
    "site/sub/b.txt": "b",
    "site-other/x.txt": "x",
    "outside/secret.txt": "secret",
    "outside/sub/x.txt": "x",
  });
  const folder = path.join(base, "site");
  for (const [target, name] of [
    ["a.txt", "inside.txt"],
    ["sub", "inside"],
    [".", "self"],
    ["../../", "up"],
    ["../outside/secret.txt", "outside.txt"],
    [path.join(base, "outside"), "outside"],
    ["outside.txt", "twice.txt"],
    ["../site-other", "sibling"],
    ["loop", "loop"],
    ["nowhere", "dangling"],
    ["/etc/passwd", "passwd"],
  ] as const) {
    symlinkSync(target, path.join(folder, name));
  }

  it("are followed where they stay in the root", async () => {
    assert.equal(await get("/inside.txt", { root: folder }), "200 a");
    assert.equal(await get("/inside/b.txt", { root: folder }), "200 b");
    assert.equal(await get("/self/self/a.txt", { root: folder }), "200 a");
  });

  it("are 404 where they leave it, or lead nowhere", async () => {
    for (const target of [
      "/outside.txt",
      "/outside/secret.txt",
      "/outside/sub/x.txt",
      "/outside/",
      "/outside",
      "/twice.txt",
      "/up/",
      "/loop",
      "/dangling",
      "/passwd",
      "/sibling/x.txt",
    ]) {
      assert.equal(await get(target, { root: folder }), "404", target);
    }
  });

  it("may be the root", async () => {
    const link = path.join(siteFolder({}), "current");
    symlinkSync(folder, link);
    assert.equal(await get("/a.txt", { root: link }), "200 a");
  });

  it("of a mounted ConfigMap are files in it, whatever their dots", async () => {
    const mounted = siteFolder({ "..2024_01/index.html": "v1" });
    symlinkSync("..2024_01", path.join(mounted, "..data"));
    const index = path.join(mounted, "index.html");
    symlinkSync("..data/index.html", index);
    assert.equal(await get("/", { root: mounted }), "200 v1");
    assert.equal(await get("/..data/index.html", { root: mounted }), "404");
  });
});

describe("staticFiles() refuses", () => {
  const nowhere = path.join(root, "nowhere");
  for (const [folder, options, message] of [
    [nowhere, {}, /the root of staticFiles\(\), ".*nowhere", cannot be read/],
    [path.join(root, "index.html"), {}, /the root of .* is not a folder/],
    ["", {}, /the root of staticFiles\(\) must be a path/],
    [undefined, {}, /the root of staticFiles\(\) must be a path/],
    [root, { maxAge: 1 }, /no option "maxAge"; the options are index, fall/],
    [root, { maxAgeSeconds: "1d" }, /maxAgeSeconds .* must be a whole number/],
    [root, { index: "a/b.html" }, /option index .* the name of a file/],
    [root, { fallback: "200.html" }, /fallback .* no file "200.html" in /],
    [root, { fallback: "/etc/passwd" }, /no file "\/etc\/passwd" in /],
    [root, { fallback: "docs" }, /no file "docs" in /],
    [root, { dotfiles: true }, /dotfiles .* "refuse", "wellKnown" or "allow"/],
    [root, { contentTypes: { ".gpx": "x/y" } }, /contentTypes .* by extension/],
    [root, { contentTypes: { gpx: "text" } }, /contentTypes .* by extension/],
  ] as const) {
    it(`${folder === root ? JSON.stringify(options) : `"${folder}"`}`, () => {
      const bad = options as StaticFilesOptions;
      assert.throws(() => staticFiles(folder as string, bad), message);
    });
  }
});

describe("a file that changes", () => {
  it("is sent as long as it was when it grows", async () => {
    const folder = siteFolder({ "x.txt": "x".repeat(100_000) });
    const response = await ask("/x.txt", { root: folder });
    appendFileSync(path.join(folder, "x.txt"), "more");
    assert.equal((await contentOf(response)).length, 100_000);
  });

  it("is the one that was opened when another takes its name", async () => {
    const folder = siteFolder({ "x.txt": "x".repeat(100_000), new: "new" });
    const response = await ask("/x.txt", { root: folder });
    renameSync(path.join(folder, "new"), path.join(folder, "x.txt"));
    assert.equal(await contentOf(response), "x".repeat(100_000));
  });

  it("is an error when it shrinks", async () => {
    const folder = siteFolder({ "x.txt": "x".repeat(100_000) });
    const response = await ask("/x.txt", { root: folder });
    writeFileSync(path.join(folder, "x.txt"), "short");
    await assert.rejects(contentOf(response), /cut to 5 bytes/);
  });
});
