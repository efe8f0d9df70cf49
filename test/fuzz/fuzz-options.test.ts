import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CheckUsageError } from "../support/check-arguments.ts";
import { fuzzHelp, parseFuzzOptions } from "./fuzz-options.ts";

const NAMES = ["one", "two"];

describe("the fuzz command", () => {
  test("takes a time, a seed and properties", () => {
    const args = ["--seconds", "5", "--seed=3", "--only", "two"];
    assert.deepEqual(parseFuzzOptions(args, NAMES), {
      seconds: 5,
      seed: 3,
      only: ["two"],
    });
  });

  test("tries all properties, each time with another seed", () => {
    const options = parseFuzzOptions([], NAMES);
    assert.deepEqual(options?.only, NAMES);
    assert.notEqual(options?.seed, parseFuzzOptions([], NAMES)?.seed);
  });

  test("gives help", () => {
    assert.equal(parseFuzzOptions(["-h"], NAMES), undefined);
    assert.match(fuzzHelp(NAMES), /--seconds N .*\n.*--seed N/);
  });

  const wrong: [args: string[], message: RegExp][] = [
    [
      ["--seconds", "0"],
      /--seconds must be a whole number from 1 to .*, not "0"/,
    ],
    [["--seconds", "1.5"], /not "1.5"/],
    [["--seconds"], /--seconds.*argument missing/],
    [["--seed=-1"], /--seed must be a whole number from 0 to .*, not "-1"/],
    [["--seed", "9999999999"], /not "9999999999"/],
    [
      ["--second", "1"],
      /--second'; it takes --help, --seconds, --seed, --only/,
    ],
    [["5"], /'5'; it takes/],
    [["--only", "three"], /--only "three" is none of one, two/],
  ];
  for (const [args, message] of wrong) {
    test(`says what is wrong with ${args.join(" ")}`, () => {
      assert.throws(
        () => parseFuzzOptions(args, NAMES),
        (error) =>
          error instanceof CheckUsageError && message.test(error.message),
      );
    });
  }
});
