/** RFC 2046 §5.1.1, as forms have it; however the bytes are cut. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RequestBody } from "../../../../src/worker/http/body/request-body.ts";
import { HttpError } from "../../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { cutInTwo, deliveriesOf } from "../../../support/wire-cases.ts";

const HEAD = 'Content-Disposition: form-data; name="a"';
const LINE = `${HEAD}\r\n\r\n`;

/** How a body ends that is cut in these pieces; text is Latin-1. */
async function outcomeOf(pieces: readonly Buffer[], boundary: string) {
  const body = new RequestBody();
  const contentType = `multipart/form-data; boundary="${boundary}"`;
  const headers = { "Content-Type": contentType };
  const outcome = new HttpRequest({ headers, body }).formData().then(
    (form) => [...form],
    (error: unknown) => {
      assert.ok(error instanceof HttpError, String(error));
      return `${error.status} ${error.message}`;
    },
  );
  // As they come from a socket: each is taken before the next is there.
  for (const piece of pieces) {
    body.push(piece);
    await null;
  }
  body.end();
  return Promise.race([outcome, afterAllIsDone()]);
}

/** Nothing that a form waits for takes more than a few turns. */
async function afterAllIsDone(): Promise<string> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  return "never settles";
}

async function sameHoweverCut(wire: string, boundary = "b") {
  const ways = deliveriesOf(wire, { trailing: "" });
  const halves = cutInTwo(wire).map((pieces) => ({ name: "halves", pieces }));
  const [whole, ...others] = [...ways, ...halves];
  assert.ok(whole);
  const expected = await outcomeOf(whole.pieces, boundary);
  for (const { name, pieces } of others) {
    assert.deepEqual(await outcomeOf(pieces, boundary), expected, name);
  }
  return expected;
}

describe("a multipart body that is not valid", () => {
  const unfinished = "400 the form is not valid: it ends before its final";
  const goesOn = "400 the form is not valid: a line that begins with the bound";
  const field = "400 the form is not valid: a part with a field line that is";
  const stuck = "400 the form is not valid: a part without a line end before";
  const nameless = "400 the form is not valid: a part without Content-Dispos";
  const cases: [what: string, wire: string, refusal: string][] = [
    [
      "without an empty line before its final boundary",
      `--b\r\n${HEAD}\r\n--b--\r\n--bv`,
      unfinished,
    ],
    [
      "without an empty line before the next part",
      `--b\r\n${HEAD}\r\n--b\r\n${LINE}x\r\n--b--`,
      field,
    ],
    ["of half a boundary", "--", unfinished],
    ["of a boundary", "--b", unfinished],
    ["of a boundary line", "--b\r\n", unfinished],
    ["of a boundary line and an empty line", "--b\r\n\r\n", nameless],
    ["that ends in its final boundary", `--b\r\n${LINE}\r\n--b-`, unfinished],
    ["that ends in a line end", `--b\r\n${LINE}\r\n--b--\r`, unfinished],
    ["with no more than a CR after a part", `--b\r\n${LINE}x\r`, unfinished],
    ["with a longer boundary", `--b\r\n${LINE}x\r\n--bc\r\n--b--`, goesOn],
    ["with a longer final one", `--b\r\n${LINE}x\r\n--b--c\r\n`, goesOn],
    ["with a longer first one", `--bc\r\n${LINE}x\r\n--b--\r\n`, goesOn],
    ["with a dash too few", `--b\r\n${LINE}x\r\n--b-\r\n`, goesOn],
    ["with a blank before the dashes", `--b\r\n${LINE}x\r\n--b --`, goesOn],
    ["with LF after a boundary", `--b\n${LINE}x\r\n--b--`, goesOn],
    ["with CR after a boundary", `--b\r${LINE}x\r\n--b--`, goesOn],
    ["with a bare CR in padding", `--b \r \r\n${LINE}x\r\n--b--`, goesOn],
    ["with LF before a boundary", `--b\r\n${LINE}x\n--b--\r\n`, unfinished],
    ["with a part without content", `--b\r\n${LINE}--b--\r\n`, stuck],
    ["with a part in no part", `--b\r\n${LINE}--b\r\n${LINE}--b--`, stuck],
    ["with a blank before a colon", `--b\r\nA : b\r\n${LINE}\r\n--b--`, field],
    ["with a field without a name", `--b\r\n: b\r\n${LINE}\r\n--b--`, field],
    ["with a fold first", `--b\r\n A: b\r\n${LINE}\r\n--b--`, field],
    ["with LF in a head", `--b\r\nA: b\n\n${LINE}\r\n--b--`, field],
    ["with CR in a head", `--b\r\nA: b\rc\r\n${LINE}\r\n--b--`, field],
    ["with NUL in a head", `--b\r\nA: \0\r\n${LINE}\r\n--b--`, field],
  ];
  for (const [what, wire, refusal] of cases) {
    it(`§5.1.1 is refused the same way however it is cut: ${what}`, async () => {
      const outcome = await sameHoweverCut(wire);
      assert.equal(String(outcome).slice(0, refusal.length), refusal);
    });
  }

  it("§5.1.1 is refused where it was cut off, wherever that is", async () => {
    const wire = `--b\r\n${LINE}x\r\n--b \r\n${LINE}\r\n--b--`;
    for (let end = 0; end < wire.length; end++) {
      const pieces = [Buffer.from(wire.slice(0, end))];
      const outcome = String(await outcomeOf(pieces, "b"));
      assert.equal(outcome.slice(0, unfinished.length), unfinished);
    }
  });
});

describe("a multipart body", () => {
  const part = (content: string) => `--b\r\n${LINE}${content}\r\n`;
  const cases: [what: string, wire: string, values: string[]][] = [
    [
      "may have blanks after its boundaries",
      `--b \t\r\n${LINE}x\r\n--b\t\r\n${LINE}y\r\n--b-- \t`,
      ["x", "y"],
    ],
    [
      "may have blanks and a line end after its final boundary",
      `${part("x")}--b--\t \r\n`,
      ["x"],
    ],
    [
      "may have text before its first boundary",
      `a --b\r\n\r\n--\r\n\r\n-b\r\n${part("x")}--b--`,
      ["x"],
    ],
    [
      "may have anything after its final boundary",
      `${part("x")}--b--\r\n--b\r\n--bc\r\n\0\r\n\r\n--b--`,
      ["x"],
    ],
    [
      "may have an empty line before its first boundary",
      `\r\n${part("x")}--b--`,
      ["x"],
    ],
    [
      "may have folded fields",
      `--b\r\nContent-Disposition: form-data;\r\n\tname="a"\r\n\r\nx\r\n--b--`,
      ["x"],
    ],
    [
      "may have content that is nearly a boundary",
      `${["\r", "\r\n", "\r\n-", "\r\n--", "\r\r\n--", "--", "--b"]
        .map((content) => part(`x${content}`))
        .join("")}--b--`,
      ["\r", "\r\n", "\r\n-", "\r\n--", "\r\r\n--", "--", "--b"].map(
        (content) => `x${content}`,
      ),
    ],
    [
      "may have content that begins as a boundary",
      `${part("-")}${part("--")}${part("\r\n--")}${part(" --b")}--b--`,
      ["-", "--", "\r\n--", " --b"],
    ],
  ];
  for (const [what, wire, values] of cases) {
    it(`§5.1.1 ${what}`, async () => {
      const expected = values.map((value) => ["a", value]);
      assert.deepEqual(await sameHoweverCut(wire), expected);
    });
  }

  it("§5.1.1 may have a boundary that repeats itself", async () => {
    const boundary = "-".repeat(70);
    const content = `x${"-".repeat(200)}\r\n${"-".repeat(71)}\r\n${"-".repeat(9)}`;
    const wire = `--${boundary}\r\n${LINE}${content}\r\n--${boundary}--`;
    assert.deepEqual(await sameHoweverCut(wire, boundary), [["a", content]]);
  });

  it("§5.1.1 may have one of which each piece is a part of it", async () => {
    const wire = `--b-b\r\n${LINE}\r\n--b\r\n--b-\r\n--b-b--`;
    const expected = [["a", "\r\n--b\r\n--b-"]];
    assert.deepEqual(await sameHoweverCut(wire, "b-b"), expected);
  });
});
