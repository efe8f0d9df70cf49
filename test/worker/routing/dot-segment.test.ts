import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasDotSegment } from "../../../src/worker/routing/dot-segment.ts";

describe("a dot segment (RFC 3986 §5.2.4)", () => {
  const withOne = [
    "/.",
    "/..",
    "/./a",
    "/../a",
    "/a/.",
    "/a/..",
    "/a/../b",
    "/%2e",
    "/a/%2E%2e/b",
    "/a/.%2e",
    "/a/%2e./b",
    "/a/..%2Fb",
    "/a/x%2f..%2Fb",
    "/a%2f.",
  ];
  for (const path of withOne) {
    it(`is in ${path}`, () => {
      assert.equal(hasDotSegment(path), true);
    });
  }

  const without = [
    "/",
    "/a",
    "/...",
    "/.well-known/x",
    "/a..",
    "/..a/b",
    "/a.b/c.d",
    "//",
    "/a//b",
    "/%2e%2ea",
    "/%252e%252e",
    "/%",
    "/%2",
    "/a%2Fb",
    "/%3e.",
  ];
  for (const path of without) {
    it(`is not in ${path}`, () => {
      assert.equal(hasDotSegment(path), false);
    });
  }
});
