import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { checkAnswer } from "../../bench/check-answer.ts";
import type { ExpectedAnswer } from "../../bench/scenarios/scenario.ts";

const server = createServer((request, response) => {
  if (request.method === "DELETE") {
    response.writeHead(204, { "Content-Length": 0 }).end();
    return;
  }
  const fields = { "Content-Type": "application/json; charset=utf-8" };
  response.writeHead(200, { ...fields, "Content-Length": 2, "X-Id": "a7" });
  response.end("{}");
});

const wanted: ExpectedAnswer = {
  status: 200,
  contentType: "application/json",
  body: "{}",
  fields: { "x-id": /^a\d$/ },
};

function check(answer: ExpectedAnswer, method: "GET" | "DELETE" = "GET") {
  const { port } = server.address() as AddressInfo;
  const request = { method, path: "/a", headers: {} };
  return checkAnswer(port, { request, answer });
}

describe("an answer is checked before a server is measured", () => {
  before(() => once(server.listen(0, "127.0.0.1"), "listening"));
  after(() => server.close());

  it("and passes where it is what is wanted", async () => {
    await check(wanted);
    await check({ status: 204, body: "" }, "DELETE");
  });

  for (const [what, differing] of [
    ["status", { status: 201 }],
    ["type", { contentType: "text/plain" }],
    ["body", { body: "[]" }],
    ["length", { body: "{}}" }],
    ["field", { fields: { "x-id": /^b/ } }],
    ["missing field", { fields: { vary: "Origin" } }],
  ] as const) {
    it(`and fails for another ${what}`, async () => {
      await assert.rejects(
        check({ ...wanted, ...differing }),
        /^Error: GET \/a was answered \{.*\}, not \{.*\}$/,
      );
    });
  }
});
