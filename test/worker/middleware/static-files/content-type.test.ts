import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contentTypeOf } from "../../../../src/worker/middleware/static-files/find-file.ts";

describe("the type of a file", () => {
  for (const [name, type] of [
    ["index.html", "text/html; charset=utf-8"],
    ["main.CSS", "text/css; charset=utf-8"],
    ["app.js", "text/javascript; charset=utf-8"],
    ["app.mjs", "text/javascript; charset=utf-8"],
    ["notes.txt", "text/plain; charset=utf-8"],
    ["data.json", "application/json"],
    ["feed.xml", "text/xml"],
    ["logo.svg", "image/svg+xml"],
    ["photo.jpeg", "image/jpeg"],
    ["photo.avif", "image/avif"],
    ["favicon.ico", "image/x-icon"],
    ["font.woff2", "font/woff2"],
    ["app.wasm", "application/wasm"],
    ["app.webmanifest", "application/manifest+json"],
    ["film.mp4", "video/mp4"],
    ["jquery.min.js", "text/javascript; charset=utf-8"],
    ["README", "application/octet-stream"],
    [".html", "application/octet-stream"],
    ["x.", "application/octet-stream"],
    ["x.unknown", "application/octet-stream"],
    ["x.constructor", "application/octet-stream"],
    ["x.__proto__", "application/octet-stream"],
  ] as const) {
    it(`${name} is ${type}`, () => {
      assert.equal(contentTypeOf(name, {}), type);
    });
  }

  it("may be one's own", () => {
    const own = { gpx: "application/gpx+xml", js: "text/plain" };
    assert.equal(contentTypeOf("ride.GPX", own), "application/gpx+xml");
    assert.equal(contentTypeOf("x.js", own), "text/plain");
  });
});
