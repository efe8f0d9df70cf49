import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Inheritance,
  readInheritance,
  writeInheritance,
} from "../../src/shared/inheritance.ts";

const SOCKETS: Inheritance = new Map([
  ["127.0.0.1:8080", { fd: 4, keepsFile: false }],
  ["unix:/run/app.sock", { fd: 5, keepsFile: true }],
]);

describe("what a master inherits", () => {
  it("is read as it was written", () => {
    assert.deepEqual(readInheritance(writeInheritance(SOCKETS)), SOCKETS);
  });

  it("of a version to come is refused with what to do", () => {
    const text = JSON.stringify({ protocol: 2, doors: [] });
    assert.throws(() => readInheritance(text), /protocol 2, .* start anew/);
  });

  it("is no descriptor of the standard streams", () => {
    const sockets = new Map([["a:80", { fd: 1, keepsFile: false }]]);
    assert.throws(() => readInheritance(writeInheritance(sockets)));
  });

  it("is nothing else than that", () => {
    for (const text of ["", "4", "{}", '{"protocol":1}']) {
      assert.throws(() => readInheritance(text), text);
    }
  });
});
