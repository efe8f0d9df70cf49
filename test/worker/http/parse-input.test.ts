import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import type { Parser } from "../../../src/worker/http/parse-input.ts";

const order = z.object({
  items: z.array(z.object({ name: z.string(), count: z.int().min(1) })),
});
const valid = { items: [{ name: "hay", count: 2 }] };
const invalid = { items: [{ name: "hay", count: 0 }, { count: 1 }] };

function post(value: unknown): HttpRequest {
  return new HttpRequest({ method: "POST", body: JSON.stringify(value) });
}

/** A Standard Schema of few words. */
function schema(validate: (value: unknown) => unknown) {
  const standard = { version: 1, vendor: "test", validate };
  return { "~standard": standard } as Parser<unknown>;
}

async function failureOf(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof HttpError);
  return error;
}

const asynchronous = z.string().refine(async (text) => text !== "");

const parsers: [what: string, parser: Parser<unknown>][] = [
  ["a parse function", order.parse],
  ["an asynchronous one", order.parseAsync],
  ["a schema", order],
  ["a function of one's own", (value) => order.parse(value)],
];
for (const [what, parser] of parsers) {
  describe(`json() with ${what}`, () => {
    it("gives what that makes of the body", async () => {
      assert.deepEqual(await post(valid).json(parser), valid);
    });

    it("RFC 9110 §15.5.21 rejects with 422 and the issues", async () => {
      const error = await failureOf(post(invalid).json(parser));
      assert.equal(error.status, 422);
      assert.equal(error.message, "the body is not valid");
      const { errors } = error.members as { errors: { path: string }[] };
      assert.deepEqual(
        errors.map(({ path }) => path),
        ["items.0.count", "items.1.name"],
      );
      for (const each of errors)
        assert.deepEqual(Object.keys(each), ["path", "message"]);
    });

    it("rejects invalid JSON with 400", async () => {
      const request = new HttpRequest({ method: "POST", body: "{" });
      assert.equal((await failureOf(request.json(parser))).status, 400);
    });
  });
}

describe("json() with a parser", () => {
  it("may change the value", async () => {
    const date = z.coerce.date();
    assert.deepEqual(await post(0).json(date), new Date(0));
    assert.equal(await post("a").json(asynchronous), "a");
  });

  it("names the whole by an empty path, and keys of objects", async () => {
    const issues = [
      { message: "a" },
      { message: "b", path: [{ key: "x" }, 0, Symbol.iterator] },
    ];
    const parser = schema(() => ({ issues }));
    const { members } = await failureOf(post(1).json(parser));
    assert.deepEqual(members?.errors, [
      { path: "", message: "a" },
      { path: "x.0.Symbol(Symbol.iterator)", message: "b" },
    ]);
  });

  it("takes a schema that is a function, too", async () => {
    const parser = Object.assign(
      () => assert.fail("called"),
      schema(async (value) => ({ value })),
    );
    assert.equal(await post(7).json(parser), 7);
  });

  it("lets through whatever else the parser throws", async () => {
    const errors = [new TypeError("broken"), new HttpError(409), { issues: 1 }];
    for (const error of errors) {
      const parser = () => {
        throw error;
      };
      await assert.rejects(post(1).json(parser), (thrown) => thrown === error);
    }
  });

  it("rejects an invalid parser", async () => {
    const parser = { parse: order.parse } as never;
    await assert.rejects(post(1).json(parser), /TypeError: a parser is a fu/);
  });
});

describe("parseQuery()", () => {
  const page = z.object({
    page: z.coerce.number().default(1),
    tag: z.union([z.string(), z.array(z.string())]).optional(),
  });

  it("gives what the parser makes of the parameters", () => {
    const request = new HttpRequest({ target: "/?page=7&tag=a&tag=b&tag=c" });
    const expected = { page: 7, tag: ["a", "b", "c"] };
    assert.deepEqual(request.parseQuery(page), expected);
    assert.deepEqual(new HttpRequest().parseQuery(page.parse), { page: 1 });
  });

  it("has no name that means something", () => {
    const request = new HttpRequest({ target: "/?__proto__=1" });
    const names = request.parseQuery((value) => Object.keys(value as object));
    assert.deepEqual(names, ["__proto__"]);
  });

  it("throws 400 with the issues", () => {
    const request = new HttpRequest({ target: "/?page=x" });
    assert.throws(
      () => request.parseQuery(page),
      (error) => {
        assert.ok(error instanceof HttpError);
        assert.equal(error.status, 400);
        assert.equal(error.message, "the query is not valid");
        const { errors } = error.members as { errors: { path: string }[] };
        assert.equal(errors[0]?.path, "page");
        return true;
      },
    );
  });

  it("throws where the parser does not answer at once", () => {
    const parse = () => new HttpRequest().parseQuery(async () => 1);
    assert.throws(parse, /TypeError: the parser of a query must not be async/);
  });
});
