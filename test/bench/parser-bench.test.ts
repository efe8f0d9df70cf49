import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { BENCH_HEADS } from "../../bench/parser/bench-heads.ts";
import type { ParserSample } from "../../bench/parser/measure-round.ts";
import { TASKS } from "../../bench/parser/parser-subject.ts";
import {
  type ParserFigures,
  summarizeParsers,
} from "../../bench/parser/parser-summary.ts";
import { projectFolder } from "../support/project-folder.ts";

const root = path.resolve(import.meta.dirname, "../..");

function bench(...args: string[]) {
  const program = ["--import", "tsx", "bench/main.ts", "parser"];
  return spawnSync(process.execPath, [...program, ...args], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
  });
}

/** The figures of short rounds, and what was printed of them. */
function shortBench(test: TestContext) {
  const json = path.join(projectFolder(test), "out.json");
  const effort = ["--rounds", "2", "--millis", "10", "--warmup", "10"];
  const run = bench(...effort, "--no-build", "--json", json);
  assert.equal(run.status, 0, run.stderr);
  const { figures } = JSON.parse(readFileSync(json, "utf8"));
  return { figures: figures as ParserFigures[], printed: run.stdout };
}

describe("the parser benchmark", () => {
  it("measures both parsers with each head, for each task", (test) => {
    const { figures, printed } = shortBench(test);
    const wanted = BENCH_HEADS.flatMap(({ name }) => {
      return TASKS.map((task) => `${name}: ${task}`);
    });
    const measured = figures.map(({ head, task }) => `${head}: ${task}`);
    assert.deepEqual(measured, wanted);
    for (const { remuda, httpParser, ratio } of figures) {
      // Nothing is parsed in 20 ns, and nothing takes a millisecond, apart from
      // a round in which other processes ran.
      for (const { min } of [remuda, httpParser]) {
        assert.ok(min > 20 && min < 1e6, JSON.stringify(figures));
      }
      assert.ok(ratio.min <= ratio.median && ratio.median <= ratio.max);
    }
    for (const { name } of BENCH_HEADS) {
      const rows = printed.split("\n").filter((row) => {
        return row.startsWith(`| ${name} `);
      });
      assert.equal(rows.length, TASKS.length, printed);
    }
  });

  it("refuses what it does not know, and says so", () => {
    for (const [args, message] of [
      [["hello"], /"parser" takes options only, not "hello"/],
      [["--rounds", "no"], /--rounds must be a whole number, not "no"/],
      [["--seconds", "5"], /--seconds/],
    ] as const) {
      const { status, stderr } = bench(...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
    }
  });

  it("explains itself", () => {
    const { status, stdout } = bench("--help");
    assert.equal(status, 0);
    for (const { name } of BENCH_HEADS) assert.ok(stdout.includes(name));
  });
});

describe("heads to parse", () => {
  it("differ from variant to variant, but not in length", () => {
    for (const { name, wire } of BENCH_HEADS) {
      assert.notEqual(wire(0), wire(1), name);
      assert.equal(wire(0).length, wire(15).length, name);
    }
  });

  it("have as many fields as they say", () => {
    const counts = BENCH_HEADS.map(({ wire }) => {
      return wire(0).split("\r\n").length - 3;
    });
    assert.deepEqual(counts, [2, 12, 40]);
  });
});

describe("a summary of parsers", () => {
  const sample = (remuda: number, httpParser: number): ParserSample => {
    return { head: "small", headBytes: 62, task: "head", remuda, httpParser };
  };

  it("takes ratios in each round, then the median of them", () => {
    // The second round is slow for both.
    const rounds = [[sample(6, 10)], [sample(24, 30)], [sample(12, 20)]];
    const [figures] = summarizeParsers(rounds);
    assert.deepEqual(figures?.ratio, { median: 0.6, min: 0.6, max: 0.8 });
    assert.deepEqual(figures?.remuda, { median: 12, min: 6, max: 24 });
  });
});
