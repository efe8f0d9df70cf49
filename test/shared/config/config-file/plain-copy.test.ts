import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isPlainObject,
  messageOf,
  plainCopy,
} from "../../../../src/shared/config/config-file/plain-copy.ts";

function problemIn(value: object): string | undefined {
  const { problems } = plainCopy(value);
  assert.ok(problems.length <= 1, problems.join());
  return problems[0];
}

const throwing = () => {
  throw new Error("not today");
};

describe("plainCopy()", () => {
  it("copies what JSON can say, without what is undefined", () => {
    const value = { a: [1, "2", { b: null }], c: true, d: undefined };
    assert.deepEqual(plainCopy(value), {
      copy: { a: [1, "2", { b: null }], c: true },
      problems: [],
    });
  });

  it("takes the values of getters and Proxies", () => {
    const getter = {
      get port() {
        return 80;
      },
    };
    assert.deepEqual(plainCopy(getter).copy, { port: 80 });
    assert.deepEqual(plainCopy(new Proxy({ a: 1 }, {})).copy, { a: 1 });
  });

  it("takes an object twice, in two places", () => {
    const tls = { certFile: "a" };
    const value = { listen: [{ tls }, { tls }] };
    assert.deepEqual(plainCopy(value).copy, value);
  });

  it("has no prototype to offer", () => {
    const { copy } = plainCopy(JSON.parse('{"__proto__": {"port": 1}}'));
    assert.deepEqual(Object.keys(Object(copy)), ["__proto__"]);
    assert.equal(Reflect.get(Object(copy), "port"), undefined);
  });

  class Port {}
  const values: [unknown, string][] = [
    [() => 1, "a.b[1] is a function"],
    [10n, "a.b[1] is a BigInt (10n)"],
    [Symbol("x"), "a.b[1] is a symbol"],
    [Number.NaN, "a.b[1] is NaN"],
    [-Infinity, "a.b[1] is -Infinity"],
    [undefined, "a.b[1] is undefined"],
    [new Map(), "a.b[1] is a Map"],
    [new Date(0), "a.b[1] is a Date"],
    [/x/, "a.b[1] is a RegExp"],
    [new Port(), "a.b[1] is a Port"],
    [Promise.resolve(), "a.b[1] is a Promise"],
    [Object.create({ constructor: 1 }), "a.b[1] is no plain object"],
  ];
  for (const [value, says] of values) {
    it(`refuses: ${says}`, () => {
      assert.equal(problemIn({ a: { b: [1, value] } }), says);
    });
  }

  it("refuses what contains itself, or is nested without end", () => {
    const circle: { a?: unknown } = {};
    circle.a = { b: circle };
    assert.equal(problemIn(circle), "a.b contains itself");
    const endless = (): object => new Proxy({ a: 1 }, { get: endless });
    assert.match(problemIn(endless()) ?? "", /^(a\.)+a is nested too deep$/);
  });

  it("refuses what has too many values", () => {
    const says = "it has more than 100000 values";
    assert.equal(problemIn({ a: Array(200_000).fill(1) }), says);
    const holes = plainCopy({ a: Array(2 ** 32 - 1) });
    assert.equal(holes.problems[0], "a[0] is undefined");
  });

  it("refuses what throws when it is read", () => {
    const getter = Object.defineProperty({}, "port", {
      get: throwing,
      enumerable: true,
    });
    assert.equal(problemIn(getter), "port cannot be read: not today");
    const proxy = new Proxy({}, { ownKeys: throwing });
    assert.match(problemIn(proxy) ?? "", /not today/);
    assert.match(
      problemIn({ a: new Proxy({}, { getPrototypeOf: throwing }) }) ?? "",
      /not today/,
    );
  });

  it("names several, and not all of very many", () => {
    assert.deepEqual(plainCopy({ a: 1n, b: Number.NaN }).problems, [
      "a is a BigInt (1n)",
      "b is NaN",
    ]);
    const many = { a: Array(100).fill(1n) };
    assert.equal(plainCopy(many).problems.length, 10);
  });
});

describe("isPlainObject()", () => {
  for (const value of [[], 5, null, "port", new Map(), undefined, () => {}]) {
    it(`is false for ${typeof value} ${String(value)}`, () => {
      assert.equal(isPlainObject(value), false);
    });
  }
});

describe("messageOf()", () => {
  it("never throws", () => {
    const hostile = new Proxy(new Error("x"), { get: throwing });
    assert.equal(messageOf(hostile), "it threw a value that cannot be shown");
    assert.equal(
      messageOf(Object.create(null)),
      "it threw a value that cannot be shown",
    );
    assert.equal(messageOf(Object.freeze(new Error("frozen"))), "frozen");
    assert.equal(messageOf(5), "5");
  });
});
