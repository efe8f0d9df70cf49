import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type PathParamsOf,
  parsePattern,
} from "../../../src/worker/routing/pattern.ts";

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;

/** Compiles only where that is what the compiler says, too. */
function areSame<A, B>(same: Equal<A, B>): void {
  assert.equal(typeof same, "boolean");
}

describe("a pattern", () => {
  it("without parameters stands for one path", () => {
    assert.equal(parsePattern("/").staticPath, "/");
    assert.equal(parsePattern("/a/b").staticPath, "/a/b");
    assert.equal(parsePattern("/a/").staticPath, "/a/");
  });

  it("names its parameters and its wildcard in order", () => {
    const { names, staticPath } = parsePattern("/a/:b/c/:d_2/*rest");
    assert.deepEqual(names, ["b", "d_2", "rest"]);
    assert.equal(staticPath, undefined);
  });

  it('calls a bare wildcard "*"', () => {
    assert.deepEqual(parsePattern("/files/*").names, ["*"]);
  });

  it("has text with a colon that starts no segment", () => {
    assert.equal(parsePattern("/v1/users:all").staticPath, "/v1/users:all");
  });

  it("escapes what may not stand in a path, and keeps escapes", () => {
    assert.equal(parsePattern("/café 1").staticPath, "/caf%C3%A9%201");
    assert.equal(parsePattern("/🐎").staticPath, "/%F0%9F%90%8E");
    assert.equal(parsePattern("/a%2Fb").staticPath, "/a%2Fb");
  });

  const refused = [
    ["", 'it must start with "/"'],
    ["users", 'it must start with "/"'],
    ["*", 'it must start with "/"'],
    ["/users?id", 'without "?" or "#"'],
    ["/users/:id?", 'without "?" or "#"'],
    ["/users#top", 'without "?" or "#"'],
    ["/users/:", "has no name"],
    ["/:id/:id", 'two parameters named "id"'],
    ["/:id/*id", 'two parameters named "id"'],
    ["/:1st", "does not start with a digit"],
    ["/:file.json", "a parameter's name has letters"],
    ["/*a-b", "a parameter's name has letters"],
    ["/:(\\d+)", "has no name"],
    ["/:id(\\d+", "a parameter's name has letters"],
    ["/:id()", "it has an empty alternative"],
    ["/:id((a+)+)", "only characters, classes"],
    ["/:id(a/b)", "a parameter's name has letters"],
    ["/*path/edit", '"*path" must be the last segment'],
    ["/*/edit", '"*" must be the last segment'],
    ["/a*", '"*" must start the segment'],
    ["/a//b", 'an empty segment ("//")'],
    ["//", 'an empty segment ("//")'],
    ["/a/../b", '"." or ".." segments'],
    ["/a/%2E", '"." or ".." segments'],
    ["/100%", '"%" is no escape'],
    ["/\ud800", "half of a surrogate pair"],
  ] as const;
  for (const [pattern, why] of refused) {
    it(`is refused as ${JSON.stringify(pattern)}`, () => {
      assert.throws(
        () => parsePattern(pattern),
        (error) =>
          error instanceof TypeError &&
          error.message.includes(JSON.stringify(pattern)) &&
          error.message.includes(why),
      );
    });
  }
});

describe("the parameters of a pattern", () => {
  it("are known to the compiler", () => {
    areSame<PathParamsOf<"/users/:id">, { id: string }>(true);
    areSame<
      PathParamsOf<"/users/:id/posts/:post">,
      { id: string; post: string }
    >(true);
    areSame<PathParamsOf<"/files/*path">, { path: string }>(true);
    areSame<PathParamsOf<"/files/*">, { "*": string }>(true);
    areSame<
      PathParamsOf<"/:tenant/files/*path">,
      { tenant: string; path: string }
    >(true);
  });

  it("are known without their forms", () => {
    areSame<
      PathParamsOf<"/orders/:id(\\d+)/items/:item([a-z]+)">,
      { id: string; item: string }
    >(true);
  });

  it("are none where the pattern has none", () => {
    areSame<keyof PathParamsOf<"/">, never>(true);
    areSame<keyof PathParamsOf<"/users/all">, never>(true);
    areSame<keyof PathParamsOf<"/users:all">, never>(true);
  });

  it("may be any where the pattern is not known before run time", () => {
    areSame<PathParamsOf<string>, Readonly<Record<string, string>>>(true);
  });

  it("are not mistaken for others", () => {
    areSame<PathParamsOf<"/users/:id">, { name: string }>(false);
    areSame<PathParamsOf<"/users/:id">, { id: number }>(false);
  });
});
