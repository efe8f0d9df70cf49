import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import {
  type DotfilePolicy,
  fileNames,
  wildcardTail,
} from "../../../../src/worker/middleware/static-files/file-path.ts";

function namesOf(tail: string, policy: DotfilePolicy = "refuse") {
  return fileNames(tail, policy)?.join("|");
}

describe("the path of a file", () => {
  for (const [tail, names] of [
    ["", ""],
    ["a.txt", "a.txt"],
    ["css/main.css", "css|main.css"],
    ["docs/", "docs|"],
    ["two%20words.txt", "two words.txt"],
    ["caf%C3%A9", "café"],
    ["a+b", "a+b"],
    ["%40scope/x%2bb%28%29", "@scope|x+b()"],
    ["100%25", "100%"],
    ["a..b/c...", "a..b|c..."],
    ["x.", "x."],
  ] as const) {
    it(`${JSON.stringify(tail)} is ${names}`, () => {
      assert.equal(namesOf(tail), names);
    });
  }

  for (const tail of [
    "..",
    "../x",
    "a/../x",
    ".",
    "./x",
    "a//b",
    "/etc/passwd",
    "//",
    "..%2fx",
    "%2e%2e/x",
    "%2E%2E%2Fx",
    ".%2e/x",
    "a%2fb",
    "a%2Fb",
    "a\\b",
    "..\\x",
    "a%5cb",
    "a%5C..%5Cx",
    "a%00.txt",
    "a\0",
    "%",
    "%zz",
    "%c0%ae%c0%ae/x",
    "%ff",
    "%e2%82",
    // Needless escapes: of A, z, 0, -, ., _ and ~.
    "%41",
    "%7a",
    "%30",
    "%2d",
    "a%2Etxt",
    "%5F",
    "%7E",
    ".env",
    ".git/config",
    "a/.b/c",
    ".well-known/x",
  ]) {
    it(`${JSON.stringify(tail)} leads to nothing`, () => {
      assert.equal(namesOf(tail), undefined);
    });
  }

  it("is decoded once", () => {
    assert.equal(namesOf("%252e%252e%252fx"), "%2e%2e%2fx");
  });

  it("RFC 8615 may be in .well-known, where that is allowed", () => {
    const path = ".well-known/acme-challenge/x";
    assert.equal(namesOf(path, "wellKnown"), path.replaceAll("/", "|"));
    for (const other of ["a/.well-known/x", ".well-known/.x", ".env", ".."]) {
      assert.equal(namesOf(other, "wellKnown"), undefined);
    }
  });

  it("may have names that begin with a dot, where all are allowed", () => {
    assert.equal(namesOf(".a/..b/...", "allow"), ".a|..b|...");
    for (const never of [".", "..", "a/..", "%2e%2e"]) {
      assert.equal(namesOf(never, "allow"), undefined);
    }
  });
});

describe("what a route's wildcard stands for", () => {
  for (const [route, path, tail] of [
    ["/*", "/", ""],
    ["/*path", "/a/b", "a/b"],
    ["/assets/*path", "/assets/", ""],
    ["/assets/*path", "/assets/a%20b/", "a%20b/"],
    ["/:tenant/files/*", "/a%2Fb/files/x/y", "x/y"],
    ["/:id(\\d+)/*rest", "/7//x", "/x"],
  ] as const) {
    it(`of ${route} in ${path} is ${JSON.stringify(tail)}`, () => {
      const request = new HttpRequest({ target: `${path}?q=/1` });
      request.route = route;
      assert.equal(wildcardTail(request), tail);
    });
  }

  it("must be there", () => {
    const request = new HttpRequest({ target: "/x" });
    request.route = "/:name";
    assert.throws(() => wildcardTail(request), /ends in a wildcard.*\/:name/);
    request.route = undefined;
    assert.throws(() => wildcardTail(request), /app\.get\("\/assets\/\*path"/);
  });
});
