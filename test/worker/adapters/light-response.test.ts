import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { LightResponse } from "../../../src/worker/adapters/light-response.ts";
import { nativeFetchApi } from "../../../src/worker/adapters/native-fetch-api.ts";
import { replaceGlobals } from "../../../src/worker/adapters/replace-globals.ts";

const { Response: NativeResponse } = nativeFetchApi();
replaceGlobals();

type Arguments = ConstructorParameters<typeof Response>;

const Light = LightResponse as unknown as typeof Response;
const twice = new Headers([
  ["Set-Cookie", "a=1"],
  ["Set-Cookie", "b=2"],
]);

const CASES: Record<string, () => Arguments | [string, null]> = {
  nothing: () => [],
  "a text": () => ["wörld"],
  "an empty text": () => [""],
  "null as its init": () => ["a", null],
  "a text with its type": () => ["{}", { headers: { "content-type": "a/b" } }],
  bytes: () => [new Uint8Array([1, 2, 255])],
  "a buffer": () => [Buffer.from("abc").buffer.slice(0, 0)],
  "a status": () => ["a", { status: 418 }],
  "a status with its text": () => ["a", { status: 418, statusText: "Pot" }],
  "no content": () => [null, { status: 204 }],
  "fields as Headers": () => ["a", { headers: twice }],
  "fields as pairs": () => [
    "a",
    {
      headers: [
        ["X-A", "1"],
        ["x-a", "2"],
      ],
    },
  ],
  "fields with blanks": () => ["a", { headers: { "X-A": " 1 " } }],
  "a form": () => [new URLSearchParams({ a: "b" })],
  "a stream": () => [new Blob(["streamed"]).stream()],
  "another response": () => ["a", new NativeResponse("b", { status: 201 })],
};

async function factsOf(response: Response) {
  const { status, statusText, ok, type, url, redirected } = response;
  const headers = [...response.headers];
  const isUsedBefore = response.bodyUsed;
  const isNull = response.body === null;
  const bytes = Buffer.from(await response.arrayBuffer()).toString("hex");
  const isUsed = response.bodyUsed;
  const facts = { status, statusText, ok, type, url, redirected, headers };
  return { ...facts, isUsedBefore, isNull, bytes, isUsed };
}

describe("a light Response", () => {
  for (const [title, make] of Object.entries(CASES)) {
    test(`is as the native one: ${title}`, async () => {
      const [body, init] = make() as Arguments;
      const [sameBody, sameInit] = make() as Arguments;
      assert.deepEqual(
        await factsOf(new Light(body, init)),
        await factsOf(new NativeResponse(sameBody, sameInit)),
      );
    });
  }

  for (const [title, body, init] of [
    ["a status of 199", "a", { status: 199 }],
    ["a status of 600", "a", { status: 600 }],
    ["a body with 204", "a", { status: 204 }],
    ["a name that is no token", "a", { headers: { "a b": "1" } }],
    ["a value with LF", "a", { headers: { a: "1\n2" } }],
    ["a status text with LF", "a", { statusText: "\n" }],
  ] as const) {
    test(`refuses what the native one does: ${title}`, () => {
      const thrown = (type: typeof Response) => {
        try {
          new type(body, init);
        } catch (error) {
          return (error as Error).constructor;
        }
        return undefined;
      };
      assert.equal(thrown(Light), thrown(NativeResponse));
      assert.ok(thrown(Light));
    });
  }

  test("is one, and native ones are instances of its class", () => {
    assert.ok(new Light() instanceof NativeResponse);
    assert.ok(new Light() instanceof Light);
    assert.ok(new NativeResponse() instanceof Light);
    assert.ok(Light.json({}) instanceof Light);
    class Own extends Light {}
    assert.ok(new Own() instanceof Own);
    assert.ok(!(new NativeResponse() instanceof Own));
    assert.equal(Light.name, "Response");
    assert.equal(String(new Light()), "[object Response]");
    assert.match(inspect(new Light("a")), /^Response \{/);
  });

  test("keeps what was changed in its fields", async () => {
    const response = new Light("a", { headers: { "X-A": "1" } });
    response.headers.set("X-A", "2");
    response.headers.append("X-B", "3");
    const content = LightResponse.contentOf(response);
    assert.equal(content?.headers.get("X-A"), "2");
    const copy = response.clone();
    assert.equal(copy.headers.get("X-B"), "3");
    assert.equal(await copy.text(), "a");
  });

  test("keeps its bytes when those it was given change", () => {
    const bytes = new Uint8Array([1]);
    const response = new Light(bytes);
    bytes[0] = 2;
    assert.deepEqual(
      LightResponse.contentOf(response)?.body,
      new Uint8Array([1]),
    );
  });
});
