import assert from "node:assert/strict";
import { describe } from "node:test";
import type { HttpHeaders } from "../../../src/worker/http/headers.ts";
import { itAccepts, itRefuses } from "./parsed-head.ts";

const withFields = (lines: string) => {
  return `GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n`;
};

function linesOf(headers: HttpHeaders): string[] {
  const lines: string[] = [];
  headers.forEachLine((name, value) => lines.push(`${name}: ${value}`));
  return lines;
}

/** A head of so many bytes. */
function headOf(bytes: number): string {
  const empty = withFields("A: \r\n");
  return withFields(`A: ${"a".repeat(bytes - empty.length)}\r\n`);
}

describe("field lines", () => {
  const fine: [title: string, lines: string, expected: string[]][] = [
    [
      "§5 are kept in order",
      "B: 1\r\nA: 2\r\nb: 3\r\n",
      ["B: 1", "A: 2", "b: 3"],
    ],
    ["§5.1 may have no blank", "A:1\r\n", ["A: 1"]],
    ["§5.1 lose blanks around a value", "A: \t 1 \t \r\n", ["A: 1"]],
    ["§5.1 keep blanks within a value", "A: 1 \t 2\r\n", ["A: 1 \t 2"]],
    ["RFC 9110 §5.5 may be empty", "A:\r\nB: \r\n", ["A: ", "B: "]],
    ["RFC 9110 §5.5 may hold colons", "A: b:c::d\r\n", ["A: b:c::d"]],
    ["RFC 9110 §5.5 hold obs-text", "A: \xa0\xe9\xff\r\n", ["A: \xa0\xe9\xff"]],
    [
      "RFC 9110 §5.6.2 may be named by any token",
      "!#$%&'*+-.^_`|~09Az: 1\r\n",
      ["!#$%&'*+-.^_`|~09Az: 1"],
    ],
    [
      "RFC 6265 §3 of Set-Cookie are not joined",
      "Set-Cookie: a\r\nSet-Cookie: b\r\n",
      ["Set-Cookie: a", "Set-Cookie: b"],
    ],
  ];
  for (const [title, lines, expected] of fine) {
    itAccepts(title, withFields(lines), ({ headers }) => {
      assert.deepEqual(linesOf(headers), ["Host: h", ...expected]);
    });
  }

  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  for (const name of names) {
    itAccepts(
      `RFC 9110 §5.1 ${name} is an ordinary name`,
      withFields(`${name}: polluted\r\n`),
      ({ headers }) => {
        assert.equal(headers.get(name), "polluted");
        assert.equal(headers.has("valueOf"), false);
        assert.equal("polluted" in {}, false);
      },
    );
  }

  itAccepts(
    "§6.3 with an underscore are not those with a dash",
    withFields("Content_Length: 5\r\nTransfer_Encoding: chunked\r\n"),
    ({ framing, headers }) => {
      assert.equal(framing, 0);
      assert.equal(headers.has("content-length"), false);
    },
  );

  const refused: [title: string, lines: string][] = [
    ["§5.1 with a blank before the colon", "A : 1\r\n"],
    ["§5.1 with a TAB before the colon", "A\t: 1\r\n"],
    ["§5.1 of framing with a blank", "Content-Length : 1\r\n"],
    ["§5.2 folded by a blank", "A: 1\r\n 2\r\n"],
    ["§5.2 folded by a TAB", "A: 1\r\n\t2\r\n"],
    ["§5.2 folded to nothing", "A: 1\r\n \r\n"],
    ["§5 without a colon", "A\r\n"],
    ["§5 without a name", ": 1\r\n"],
    ["§5 with a blank in the name", "A B: 1\r\n"],
    ["§5 with a quote in the name", '"A": 1\r\n'],
    ["§5 with a slash in the name", "A/B: 1\r\n"],
    ["§5 with obs-text in the name", "\xe9: 1\r\n"],
    ["§5 with a NUL in the name", "A\x00: 1\r\n"],
    ["§2.2 that end in LF", "A: 1\nB: 2\r\n"],
    ["§2.2 that end in CR", "A: 1\rB: 2\r\n"],
    ["§2.2 that end in CR CR LF", "A: 1\r\r\n"],
    ["§2.2 with a LF after the name", "A\n: 1\r\n"],
    ["§2.2 with a CR after the colon", "A:\r1\r\n"],
    ["§2.2 closed by a bare LF", "A: 1\r\n\nB: 2\r\n"],
    ["§2.2 closed by a bare CR", "A: 1\r\n\rB: 2\r\n"],
  ];
  for (const [title, lines] of refused) {
    itRefuses(`${title} are refused`, withFields(lines), "400 field");
  }

  itRefuses(
    "§2.2 after a blank are refused",
    "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
    "400 field",
  );
  itRefuses(
    "§2.2 closed by LF LF are refused",
    "GET / HTTP/1.1\r\nHost: h\n\n",
    "400 field",
  );

  const controls = [...Array(32).keys(), 0x7f].filter((code) => code !== 9);
  for (const code of controls) {
    const hex = code.toString(16).padStart(2, "0");
    const value = `a${String.fromCharCode(code)}b`;
    const wire = withFields(`A: ${value}\r\n`);
    itRefuses(`RFC 9110 §5.5 refuses 0x${hex} in a value`, wire, "400 field");
  }
});

describe("the size of a head", () => {
  itAccepts("§5.4 at the limit is fine", headOf(16_384), ({ headers }) => {
    assert.equal(headers.size, 2);
  });
  itRefuses(
    "RFC 6585 §5 over the limit gets 431",
    headOf(16_385),
    "431 head_too_large",
  );
  itRefuses(
    "RFC 6585 §5 over the limit gets 431 before its end",
    headOf(16_388).slice(0, -4),
    "431 head_too_large",
  );
  itRefuses(
    "RFC 6585 §5 of one endless name gets 431",
    `GET / HTTP/1.1\r\n${"a".repeat(16_384)}`,
    "431 head_too_large",
  );
  itAccepts(
    "RFC 6585 §5 with as many fields as are allowed is fine",
    withFields("A: 1\r\n".repeat(99)),
    ({ headers }) => assert.equal(headers.size, 100),
  );
  itRefuses(
    "RFC 6585 §5 with one field more gets 431",
    withFields("A: 1\r\n".repeat(100)),
    "431 head_too_large",
  );
  itAccepts(
    "§2.2 does not count the empty lines before it",
    `\r\n\r\n${headOf(64)}`,
    () => {},
    { limits: { maxHeadBytes: 64, maxRequestLineBytes: 64 } },
  );
});
