import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { connect, requestOf } from "./test-connection.ts";

const GET = requestOf("GET /next");
const hello = () => text("hello");

function postOf(bytes: number): string {
  return requestOf("POST /", [`Content-Length: ${bytes}`]);
}

const statusesOf = (responses: readonly { status: number }[]) => {
  return responses.map(({ status }) => status);
};

describe("a request's body that nobody reads", () => {
  test("§6.3 is not whole for who reads it on", async () => {
    let reading: Promise<Buffer> | undefined;
    const { client } = connect((request) => {
      reading ??= request.bytes();
      return hello();
    });
    client.receive(`${postOf(10)}half`);
    assert.equal(client.responses()[0]?.closes, false);
    await assert.rejects(reading as Promise<Buffer>, {
      name: "RequestAborted",
      message: "the request has been answered",
    });
    client.receive(`of it.${GET}`);
    assert.deepEqual(statusesOf(client.responses()), [200, 200]);
  });

  test("§9.3 is not counted as aborted when the client leaves", () => {
    let signal: AbortSignal | undefined;
    const { client, observer } = connect((request) => {
      signal = request.signal;
      return hello();
    });
    client.receive(`${postOf(100)}a`);
    client.leave();
    assert.deepEqual(observer.events, ["request", "response 200"]);
    assert.equal(signal?.aborted, false);
  });
});
