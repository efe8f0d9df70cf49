/**
 * The cases that our router and find-my-way, Fastify's, both define. What they
 * decide each in its own way is not here: a parameter in the middle of a
 * segment or with an empty value, dot segments, escapes in static text.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import findMyWay from "find-my-way";
import { Router } from "../../../src/worker/routing/router.ts";

interface Answer {
  readonly pattern: string;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** Where both routers lead, with the same patterns in this order. */
function bothOf(patterns: readonly string[]) {
  const ours = new Router();
  const theirs = findMyWay();
  for (const pattern of patterns) {
    ours.get(pattern, () => assert.fail());
    theirs.on("GET", pattern, () => {}, pattern);
  }
  return (path: string): [Answer | undefined, Answer | undefined] => {
    const found = ours.find("GET", path);
    const other = theirs.find("GET", path);
    return [
      found.type === "route"
        ? { pattern: found.route.pattern.source, params: { ...found.params } }
        : undefined,
      other
        ? { pattern: String(other.store), params: { ...other.params } }
        : undefined,
    ];
  };
}

const PATTERNS = [
  "/",
  "/users",
  "/users/me",
  "/users/menu",
  "/users/:id",
  "/users/:id/posts",
  "/users/:id/posts/:post",
  "/users/all/posts/new",
  "/us/:x",
  "/files/*",
  "/files/public/index",
  "/a/b/c/d",
  "/a/:b/c/:d",
  "/orders/:number(\\d+)",
];

const PATHS = [
  ...PATTERNS.map((pattern) => pattern.replace(/\(.*?\)/, "")),
  "/users/men",
  "/users/menus",
  "/users/all/posts",
  "/users/all/posts/new",
  "/users/all/posts/old",
  "/users/a%20b",
  "/users/a%2Fb",
  "/users/%C3%A9/posts",
  "/files",
  "/files/",
  "/files/public",
  "/files/public/index",
  "/files/public/index/",
  "/a/b/c",
  "/a/b/c/e",
  "/a/x/c/d",
  "/orders/42",
  "/orders/4x",
  "/orders/",
  "/USERS",
  "/userss",
];

describe("a path leads where find-my-way leads it", () => {
  for (const order of [PATTERNS, PATTERNS.toReversed()]) {
    const both = bothOf(order);
    for (const path of PATHS) {
      it(`${path}, ${order === PATTERNS ? "in order" : "reversed"}`, () => {
        const [ours, theirs] = both(path);
        assert.deepEqual(ours, theirs);
      });
    }
  }

  it("whatever patterns there are", () => {
    const text = fc.constantFrom("a", "ab", "abc", "b", "ba");
    const segment = fc.oneof(text, fc.constantFrom(":x", ":x"));
    const segments = fc.array(segment, { minLength: 1, maxLength: 4 });
    const pattern = segments.map(named);
    const path = fc
      .array(text, { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join("/")}`);
    const patterns = fc.uniqueArray(pattern, {
      minLength: 1,
      maxLength: 12,
      selector: (one) => one.replaceAll(/:\w+/g, ":"),
    });
    fc.assert(
      fc.property(patterns, fc.array(path, { minLength: 1 }), (all, paths) => {
        const both = bothOf(all);
        for (const one of paths) {
          const [ours, theirs] = both(one);
          assert.deepEqual(ours, theirs, `${one} in ${all.join(" ")}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Gives each parameter a name of its own. */
function named(segments: readonly string[]): string {
  const parts = segments.map((one, index) => {
    return one === ":x" ? `:x${index}` : one;
  });
  return `/${parts.join("/")}`;
}
