import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
  weakened,
} from "../../../../src/worker/middleware/conditional/entity-tag.ts";

describe("entity tags", () => {
  // The table of RFC 9110 §8.8.3.2.
  for (const [one, other, strong, weak] of [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ] as const) {
    it(`§8.8.3.2 compares ${one} with ${other}`, () => {
      assert.equal(matchesStrongly(one, other), strong);
      assert.equal(matchesWeakly(one, other), weak);
      assert.equal(matchesWeakly(other, one), weak);
    });
  }

  it("§8.8.1 can be made weak, once", () => {
    assert.equal(weakened('"1"'), 'W/"1"');
    assert.equal(weakened('W/"1"'), 'W/"1"');
  });

  for (const [list, tags] of [
    ['"a"', ['"a"']],
    ['"a", W/"b","c"', ['"a"', 'W/"b"', '"c"']],
    ['"a,b" , "" ,, "c d"', ['"a,b"', '""']],
    [', ,"a",', ['"a"']],
    ['"\xe9"', ['"\xe9"']],
    ["", []],
    ["*", []],
    ["a", []],
    ['w/"a"', []],
    ['"a', []],
    ['"a" "b"', []],
    ['"a", b, "c"', ['"a"']],
  ] as const) {
    it(`§13.1.1 are listed in ${JSON.stringify(list)}`, () => {
      assert.deepEqual(parseEntityTags(list), tags);
    });
  }

  it("are read in a time that grows with the list, whatever it is", () => {
    const list = `${" ,\t".repeat(200_000)}x`;
    assert.deepEqual(parseEntityTags(list), []);
  });
});
