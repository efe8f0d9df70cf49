import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CheckUsageError } from "../support/check-arguments.ts";
import { parseOptions } from "./lb-options.ts";

describe("the options of test:lb", () => {
  test("are everything, three times, by default", () => {
    assert.deepEqual(parseOptions([]), {
      isShort: false,
      times: 3,
      maxPauseMs: 100,
      balancers: ["haproxy", "nginx"],
      parts: ["rolling", "kill"],
    });
  });

  test("are once each in short", () => {
    const options = parseOptions(["--short", "--balancer", "nginx"]);
    assert.equal(options?.times, 1);
    assert.deepEqual(options?.balancers, ["nginx"]);
  });

  for (const args of [
    ["--long"],
    ["--times", "some"],
    ["--times", ""],
    ["--balancer", "envoy"],
    ["--part", "half"],
    ["all"],
  ]) {
    test(`cannot be ${args.join(" ")}`, () => {
      assert.throws(() => parseOptions(args), CheckUsageError);
    });
  }
});
