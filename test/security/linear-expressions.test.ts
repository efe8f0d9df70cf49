/**
 * Regular expressions that backtrack (CWE-1333): each literal in the source is
 * tried with texts made from itself, a piece of what it matches repeated and
 * then broken off. One that is quadratic takes a hundred times longer than one
 * that is linear. An expression that is new is tried without being named here.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { sourceExpressions } from "../support/source-expressions.ts";

const SRC = path.resolve(import.meta.dirname, "../../src");

/** They see what the operator or the app has written, no client's bytes. */
const NOT_FOR_CLIENTS = [
  "shared/config/",
  "shared/files/tls-files.ts",
  "worker/find-syntax-error.ts",
  "worker/load-app.ts",
  "worker/routing/registration-place.ts",
  "worker/routing/pattern.ts",
];

/** Files that make expressions from constants when they are loaded. */
const MAKERS_AT_LOAD = [
  "worker/http/fields/read-parameters.ts",
  "worker/middleware/conditional/http-date.ts",
];
/** From /proc, and from the app's routes, which has a check of its own. */
const OTHER_MAKERS = [
  "worker/routing/param-pattern.ts",
  "master/host/process-facts.ts",
];

/**
 * Short ones in small steps, or what is exponential would never end; one for
 * what is cubic; half of a whole head.
 */
const LENGTHS = [4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 512, 8_192];
/** A linear one takes less than a millisecond, a quadratic one 70 and more. */
const MAX_MS = 25;
const SAMPLES = 6;
const MAX_PLACES = 6;

const found = sourceExpressions(SRC, ["worker", "shared", "master"]);

describe("a regular expression that clients' bytes meet", () => {
  const files = [...new Set(found.literals.map(({ file }) => file))].filter(
    (file) => !NOT_FOR_CLIENTS.some((known) => file.startsWith(known)),
  );
  for (const file of files) {
    it(`takes linear time in ${file}`, () => {
      const own = found.literals.filter((each) => each.file === file);
      for (const { expression } of own) assertLinear(expression);
    });
  }

  it("is a literal, or made in a file that is known", () => {
    const known = [...MAKERS_AT_LOAD, ...OTHER_MAKERS];
    assert.deepEqual([...found.makers].sort(), known.sort());
  });
});

describe("a regular expression that is made of constants", () => {
  const made: RegExp[] = [];
  before(async () => {
    const Original = RegExp;
    globalThis.RegExp = new Proxy(Original, {
      construct(target, given: [string, string?]) {
        const expression = new target(...given);
        made.push(expression);
        return expression;
      },
    });
    try {
      for (const file of MAKERS_AT_LOAD) {
        await import(pathToFileURL(path.join(SRC, file)).href);
      }
    } finally {
      globalThis.RegExp = Original;
    }
  });

  it("takes linear time", () => {
    assert.ok(made.length >= MAKERS_AT_LOAD.length);
    for (const expression of made) assertLinear(expression);
  });
});

describe("the search for expressions that are not linear", () => {
  const slow = [
    /^[ \t]+|[ \t]+$/g,
    /^(a+)+$/,
    /^(?:a|a)*b/,
    /(x+x+)+y/,
    /^\s*(\S+\s*)*;/,
    /^[+-]?\d*\.?\d+$/,
    /^https?:\/\/([^/?]*)(.*)$/,
  ];
  for (const expression of slow) {
    it(`finds ${expression}`, () => {
      assert.throws(() => assertLinear(expression), /is not linear/);
    });
  }
});

function assertLinear(expression: RegExp): void {
  for (const attack of attacksOn(expression)) {
    for (const length of LENGTHS) {
      const text = attack(length);
      if (isQuick(expression, text)) continue;
      const start = JSON.stringify(text.slice(0, 60));
      assert.fail(`${expression} is not linear for ${start}…`);
    }
  }
}

/** Texts that repeat a piece of what it matches, and then match no more. */
function* attacksOn(expression: RegExp) {
  for (const sample of samplesOf(expression)) {
    const step = Math.max(1, Math.floor(sample.length / MAX_PLACES));
    for (let at = 0; at <= sample.length; at += step) {
      for (const pieceLength of [1, 2]) {
        const piece = sample.slice(at, at + pieceLength) || " ";
        const start = sample.slice(0, at);
        const end = sample.slice(at + pieceLength, at + 20);
        for (const tail of ["\0", `${end}/\n\0`]) {
          yield (length: number) => {
            const run = piece.repeat(Math.ceil(length / piece.length));
            return start + run + tail;
          };
        }
      }
    }
  }
}

/** Texts that it matches, but for what it looks for around them. */
function samplesOf({ source }: RegExp): string[] {
  const plain = source
    .replaceAll(
      /\(\?(?:<?[=!])(?:[^()[\\]|\\.|\[(?:[^\]\\]|\\.)*\]|\((?:[^()\\]|\\.)*\))*\)/g,
      "",
    )
    .replaceAll(/\(\?<\w+>/g, "(");
  if (plain === "") return ["aA", "a b"];
  const strings = fc.stringMatching(new RegExp(plain), { size: "xsmall" });
  return fc.sample(strings, { numRuns: SAMPLES, seed: 1 });
}

/** The best of a few times: others may have had the processor. */
function isQuick(expression: RegExp, text: string): boolean {
  for (let turn = 0; turn < 5; turn++) {
    const startedAt = performance.now();
    expression.lastIndex = 0;
    if (expression.global) text.replace(expression, "");
    else expression.test(text);
    if (performance.now() - startedAt < MAX_MS) return true;
  }
  return false;
}
