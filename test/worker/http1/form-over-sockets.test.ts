import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FormDataOptions } from "../../../src/worker/http/forms/form-limits.ts";
import {
  RequestAborted,
  statusOfError,
} from "../../../src/worker/http/http-error.ts";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { json, text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { authority, connect } from "../../support/server-address.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

/** Answers with the entries of a form, files as their sizes. */
function entriesOf(options?: FormDataOptions) {
  return async (request: HttpRequest) => {
    try {
      const form = await request.formData(options);
      const entries = [...form].map(([name, value]) => {
        return [name, typeof value === "string" ? value : value.size];
      });
      return json(entries);
    } catch (error) {
      return text((error as Error).message, statusOfError(error));
    }
  };
}

const limits = { maxBodyBytes: 10_000_000 };

describe("a form over a real socket", () => {
  test("is what fetch() sent", async () => {
    const { address } = await serveHttp(entriesOf(), { limits });
    const form = new FormData();
    form.append("title", "Röß");
    form.append("photo", new File([Buffer.alloc(5_000_000)], "a.png"));
    form.append("photo", new File(["x"], "b.png"));
    const url = `http://${authority(address)}/`;
    const response = await fetch(url, { method: "POST", body: form });
    assert.deepEqual(await response.json(), [
      ["title", "Röß"],
      ["photo", 5_000_000],
      ["photo", 1],
    ]);
    const body = new URLSearchParams({ a: "1 2" });
    const next = await fetch(url, { method: "POST", body });
    assert.deepEqual(await next.json(), [["a", "1 2"]]);
  });

  test("over a limit is refused while it is sent", async () => {
    const handler = entriesOf({ maxFileBytes: 1_000 });
    const { address } = await serveHttp(handler, { limits });
    const part = 'Content-Disposition: form-data; name="f"; filename="f"';
    const body = `--b\r\n${part}\r\n\r\n${"x".repeat(3_000_000)}\r\n--b--`;
    const type = "Content-Type: multipart/form-data; boundary=b";
    const request = requestOf("POST /", [type], body);
    const options = { untilClosed: true } as const;
    const { responses } = await exchange(address, request, options);
    assert.equal(responses.length, 1);
    assert.equal(responses[0]?.status, 413);
    assert.match(String(responses[0]?.body), /the file "f" over 1000 bytes/);
  });

  test("that is not valid is answered, and holds nothing", async () => {
    const { address } = await serveHttp(entriesOf(), { limits });
    const type = "Content-Type: multipart/form-data; boundary=b";
    const head = 'Content-Disposition: form-data; name="a"';
    const bodies = [
      `--b\r\n${head}\r\n--b--\r\n--bv`,
      `--b\r\n${head}\r\n\r\n--b--\r\n`,
      "--b\r\n\r\n",
    ];
    const requests = bodies.map((body) => requestOf("POST /", [type], body));
    const wire = requests.join("");
    const { responses } = await exchange(address, wire, { responses: 3 });
    const statuses = responses.map(({ status }) => status);
    assert.deepEqual(statuses, [400, 400, 400]);
  });

  test("fails with its client", async () => {
    const failed = deferred<unknown>();
    const { address } = await serveHttp(async (request) => {
      await request.formData().catch(failed.resolve);
      return text("late");
    });
    const client = connect(address);
    client.on("error", () => {});
    const fields = [
      "Content-Type: multipart/form-data; boundary=b",
      "Content-Length: 500",
    ];
    client.write(`${requestOf("POST /", fields)}--b\r\nContent-Disp`, () => {
      client.destroy();
    });
    assert.ok((await failed.promise) instanceof RequestAborted);
  });
});
