import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpHeaders } from "../../../../src/worker/http/fields/http-headers.ts";

function linesOf(headers: HttpHeaders): string[] {
  const lines: string[] = [];
  headers.forEachLine((name, value) => lines.push(`${name}: ${value}`));
  return lines;
}

describe("fields", () => {
  it("are found without regard to case (RFC 9110 §5.1)", () => {
    const headers = new HttpHeaders({ "Content-Type": "text/plain" });
    assert.equal(headers.get("content-type"), "text/plain");
    assert.equal(headers.get("CONTENT-TYPE"), "text/plain");
    assert.ok(headers.has("cOnTeNt-TyPe"));
    assert.equal(headers.get("content"), undefined);
  });

  it("come from a record, from pairs, from a Map or from others", () => {
    const record = new HttpHeaders({ A: "1", B: 2, C: ["3", "4"] });
    assert.deepEqual(linesOf(record), ["A: 1", "B: 2", "C: 3", "C: 4"]);
    assert.deepEqual(linesOf(new HttpHeaders([["A", "1"]])), ["A: 1"]);
    const map = new Map([["A", "1"]]);
    assert.deepEqual(linesOf(new HttpHeaders(map)), ["A: 1"]);
    assert.deepEqual(linesOf(new HttpHeaders(record)), linesOf(record));
  });

  it("are a copy: to change it leaves the first ones alone", () => {
    const first = new HttpHeaders({ A: "1" });
    const copy = new HttpHeaders(first).set("A", "2").append("B", "3");
    assert.deepEqual(linesOf(first), ["A: 1"]);
    assert.deepEqual(linesOf(copy), ["A: 2", "B: 3"]);
  });

  it("come from checked lines, with SP and TAB taken off", () => {
    const headers = HttpHeaders.fromCheckedLines(
      "Host: a\r\nX: \t b:c \t\r\nEmpty:\r\nhost:\xa0d\r\n",
    );
    assert.equal(headers.size, 4);
    assert.deepEqual(linesOf(headers), [
      "Host: a",
      "X: b:c",
      "Empty: ",
      "host: \xa0d",
    ]);
  });

  it("come from the lines in the rest of a text", () => {
    const line = "/ HTTP/1.1\r\n";
    const headers = HttpHeaders.fromCheckedLines(
      `${line}A: 1\r\n`,
      line.length,
    );
    assert.deepEqual(linesOf(headers), ["A: 1"]);
    assert.equal(HttpHeaders.fromCheckedLines(line, line.length).size, 0);
  });

  it("from checked lines can be changed like others", () => {
    const headers = HttpHeaders.fromCheckedLines("A: 1\r\nB: 2\r\n");
    headers.set("b", "3").append("C", "4");
    assert.equal(headers.delete("a"), true);
    assert.deepEqual(linesOf(headers), ["b: 3", "C: 4"]);
  });

  it("without any line are empty", () => {
    assert.equal(new HttpHeaders().size, 0);
    assert.equal(HttpHeaders.fromCheckedLines("").size, 0);
  });

  it("iterate in order with names in lower case", () => {
    const headers = new HttpHeaders([
      ["B", "1"],
      ["a", "2"],
      ["B", "3"],
    ]);
    assert.deepEqual(
      [...headers],
      [
        ["b", "1"],
        ["a", "2"],
        ["b", "3"],
      ],
    );
  });

  it("take off SP and TAB around a value, and nothing else", () => {
    const headers = new HttpHeaders({ A: " \tx y\t ", B: "\xa0x\xa0" });
    assert.deepEqual(linesOf(headers), ["A: x y", "B: \xa0x\xa0"]);
  });
});

describe("several lines of one field", () => {
  it("are joined with commas (RFC 9110 §5.3)", () => {
    const headers = new HttpHeaders({ Accept: ["a", "b"], accept: "c" });
    assert.equal(headers.get("Accept"), "a, b, c");
    assert.deepEqual(headers.getAll("Accept"), ["a", "b", "c"]);
  });

  it("of Cookie are joined with semicolons (RFC 6265 §5.4)", () => {
    const headers = new HttpHeaders({ Cookie: ["a=1", "b=2"] });
    assert.equal(headers.get("cookie"), "a=1; b=2");
  });

  it("of Set-Cookie are never joined (RFC 9110 §5.3)", () => {
    const headers = new HttpHeaders({ "Set-Cookie": ["a=1", "b=2"] });
    assert.equal(headers.get("set-cookie"), "a=1");
    assert.deepEqual(headers.getAll("Set-Cookie"), ["a=1", "b=2"]);
  });

  it("are all replaced by set() and taken away by delete()", () => {
    const headers = new HttpHeaders({ A: ["1", "2"], B: "3", a: "4" });
    headers.set("a", "5");
    assert.deepEqual(linesOf(headers), ["B: 3", "a: 5"]);
    headers.append("A", "6");
    assert.equal(headers.delete("A"), true);
    assert.equal(headers.delete("A"), false);
    assert.deepEqual(linesOf(headers), ["B: 3"]);
  });
});

describe("nothing that splits a response", () => {
  const badValues = [
    "a\r\nb",
    "a\nb",
    "a\rb",
    "a\0b",
    "a\x7fb",
    "ж",
    "a\u2028",
  ];
  for (const value of badValues) {
    it(`is a value: ${JSON.stringify(value)} (RFC 9110 §5.5)`, () => {
      const headers = new HttpHeaders();
      assert.throws(() => headers.append("X", value), TypeError);
      assert.throws(() => headers.set("X", value), TypeError);
      assert.throws(() => new HttpHeaders({ X: value }), TypeError);
      assert.throws(() => new HttpHeaders({ X: ["ok", value] }), TypeError);
      assert.equal(headers.size, 0);
    });
  }

  const badNames = ["", "a b", "a:", "a\r\nb", "é", "a\0", "(a)", " a"];
  for (const name of badNames) {
    it(`is a name: ${JSON.stringify(name)} (RFC 9110 §5.1)`, () => {
      assert.throws(() => new HttpHeaders().append(name, "x"), TypeError);
      assert.throws(() => new HttpHeaders().set(name, "x"), TypeError);
      assert.throws(() => new HttpHeaders([[name, "x"]]), TypeError);
    });
  }

  it("takes away what was there before", () => {
    const headers = new HttpHeaders({ A: "1" });
    assert.throws(() => headers.set("A", "2\r\n"), TypeError);
    assert.equal(headers.get("A"), "1");
  });

  it("is a value that is no text", () => {
    const value = 1 as unknown as string;
    assert.throws(() => new HttpHeaders().set("A", value), TypeError);
  });

  it("keeps TAB and obs-text out, which are values", () => {
    const headers = new HttpHeaders({ A: "a\tb", B: "caf\xe9" });
    assert.equal(headers.get("a"), "a\tb");
    assert.equal(headers.get("b"), "caf\xe9");
  });
});

describe("names that objects have", () => {
  it("are ordinary ones", () => {
    const headers = new HttpHeaders();
    assert.equal(headers.get("__proto__"), undefined);
    assert.equal(headers.get("constructor"), undefined);
    headers.set("__proto__", "a").set("constructor", "b");
    assert.equal(headers.get("__PROTO__"), "a");
    assert.equal(headers.get("constructor"), "b");
    assert.equal(headers.get("toString"), undefined);
    assert.equal(headers.size, 2);
  });
});

describe("frozen fields", () => {
  it("cannot be changed, but a copy of them can", () => {
    const headers = new HttpHeaders({ A: "1" }).freeze();
    assert.throws(() => headers.set("A", "2"), /frozen/);
    assert.throws(() => headers.append("A", "2"), /frozen/);
    assert.throws(() => headers.delete("A"), /frozen/);
    assert.deepEqual(linesOf(headers), ["A: 1"]);
    assert.equal(new HttpHeaders(headers).set("A", "2").get("A"), "2");
  });
});

describe("the memo of an encoder", () => {
  it("is gone when the fields change, and is not copied", () => {
    const headers = new HttpHeaders({ A: "1" });
    const changes = [
      () => headers.set("A", "2"),
      () => headers.append("A", "2"),
      () => headers.delete("A"),
    ];
    for (const change of changes) {
      headers.memo = "encoded";
      assert.equal(headers.get("A") === headers.memo, false);
      assert.equal(new HttpHeaders(headers).memo, undefined);
      change();
      assert.equal(headers.memo, undefined);
    }
  });
});
