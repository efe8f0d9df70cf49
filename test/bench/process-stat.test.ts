import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCpuList } from "../../bench/cpu-list.ts";
import {
  parsePrivateDirtyBytes,
  parseProcessStat,
  parseResidentBytes,
} from "../../bench/process-stat.ts";

test("CPU time is that of a process and of children it has waited for", () => {
  const text = "42 (node) S 7 42 42 0 -1 4 1 2 3 4 100 20 3 5 20 0 11 0 9";
  assert.deepEqual(parseProcessStat(text), {
    parentPid: 7,
    userTicks: 103,
    systemTicks: 25,
  });
});

test("a name with blanks and brackets moves no field", () => {
  const text = "42 (a) R 1 (b) S 7 42 42 0 -1 4 1 2 3 4 100 20 0 0 20 0 11 0";
  assert.deepEqual(parseProcessStat(text), {
    parentPid: 7,
    userTicks: 100,
    systemTicks: 20,
  });
});

test("resident memory is in bytes", () => {
  const text = "VmHWM:\t   90000 kB\nVmRSS:\t   61440 kB\nRssAnon:\t 20 kB\n";
  assert.equal(parseResidentBytes(text), 60 * 2 ** 20);
});

test("a process that has left resides nowhere", () => {
  assert.equal(parseResidentBytes("Name:\tnode\nState:\tZ (zombie)\n"), 0);
});

test("what only one process has written to is not what it shares", () => {
  const text =
    "Shared_Dirty:  8 kB\nPrivate_Clean:  4 kB\nPrivate_Dirty:  2 kB\n";
  assert.equal(parsePrivateDirtyBytes(text), 2048);
});

test("a list of cores has ranges and single ones", () => {
  assert.deepEqual(parseCpuList("0-2,8\n"), [0, 1, 2, 8]);
  assert.deepEqual(parseCpuList("3"), [3]);
});
