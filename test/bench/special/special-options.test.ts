import assert from "node:assert/strict";
import { test } from "node:test";
import { SPECIAL_SCENARIOS } from "../../../bench/special/all.ts";
import { idle } from "../../../bench/special/idle/idle.ts";
import { parseSpecialOptions } from "../../../bench/special/special-options.ts";
import { BenchUsageError } from "../../../bench/usage-error.ts";

test("a scenario says how hard it is unless the user does", () => {
  assert.deepEqual(parseSpecialOptions([], idle)?.effort, idle.effort);
  const args = ["--effort", "connections=500", "--servers", "node-http"];
  const options = parseSpecialOptions(args, idle);
  assert.deepEqual(options?.effort, { ...idle.effort, connections: 500 });
  assert.deepEqual(options?.servers, ["node-http"]);
});

for (const [what, args] of Object.entries({
  "a server that it has not": ["--servers", "apache"],
  "an effort that it has not": ["--effort", "height=3"],
  "an effort that is no number": ["--effort", "connections=many"],
  "two scenarios at a time": ["hello"],
})) {
  test(`${what} is refused`, () => {
    assert.throws(() => parseSpecialOptions(args, idle), BenchUsageError);
  });
}

test("scenarios have a name each, and a table", () => {
  const names = SPECIAL_SCENARIOS.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  for (const { metrics, servers } of SPECIAL_SCENARIOS) {
    assert.ok(metrics.length > 0);
    assert.ok(servers.length > 0);
  }
});
