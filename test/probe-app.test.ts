/**
 * The app that conformance probes ask (docs/conformance.md) does what they take
 * for granted: a case must not fail, or pass, because of the app.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "./support/daemon.ts";
import { exchange } from "./support/raw-exchange.ts";

const CONFIG = "test/fixtures/probe-app/remuda.config.js";

let daemon: Daemon;

before(async () => {
  daemon = await startDaemon({ args: ["--config", CONFIG, "--workers", "1"] });
});
after(stopAllDaemons);

interface Call {
  readonly fields?: readonly string[];
  readonly body?: string;
}

async function call(line: string, { fields = [], body }: Call = {}) {
  const framing = body === undefined ? [] : [`Content-Length: ${body.length}`];
  const head = [`${line} HTTP/1.1`, "Host: probe", ...fields, ...framing];
  const bytes = `${head.join("\r\n")}\r\n\r\n${body ?? ""}`;
  const { responses } = await exchange(daemon.address, bytes, { responses: 1 });
  const [response] = responses;
  assert.ok(response, `no response to ${line}`);
  const field = (name: string) =>
    response.fields.find(([each]) => each.toLowerCase() === name)?.[1];
  return { status: response.status, text: response.body.toString(), field };
}

describe("the probe app", () => {
  for (const target of ["/", "/any/other?path=1"]) {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      it(`answers ${method} ${target} with OK as text`, async () => {
        const { status, text, field } = await call(`${method} ${target}`);
        assert.equal(status, 200);
        assert.match(field("content-type") ?? "", /^text\/plain\b/);
        assert.equal(field("content-length"), "2");
        assert.equal(text, method === "HEAD" ? "" : "OK");
      });
    }
    for (const method of ["POST", "GET", "OPTIONS", "PUT", "DELETE"]) {
      it(`sends back the body of ${method} ${target}`, async () => {
        const body = "a\r\nbody";
        const { status, text } = await call(`${method} ${target}`, { body });
        assert.equal(status, 200);
        assert.equal(text, body);
      });
    }
    it(`sends back the body of POST ${target} where it is empty`, async () => {
      const { status, text } = await call(`POST ${target}`);
      assert.equal(status, 200);
      assert.equal(text, "");
    });
  }

  it("sends back a chunked body", async () => {
    const fields = ["Transfer-Encoding: chunked"];
    const wire = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    const head = ["POST / HTTP/1.1", "Host: probe", ...fields];
    const bytes = `${head.join("\r\n")}\r\n\r\n${wire}`;
    const result = await exchange(daemon.address, bytes, { responses: 1 });
    assert.equal(result.responses[0]?.status, 200);
    assert.equal(result.responses[0]?.body.toString(), "hello world");
  });

  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`gives ${method} /echo its fields, names as sent`, async () => {
      const fields = ["X-One:  1 ", "x_two: 2", "X-One: 3"];
      const { status, text } = await call(`${method} /echo`, { fields });
      assert.equal(status, 200);
      assert.equal(text, "Host: probe\nX-One: 1\nx_two: 2\nX-One: 3\n");
    });
    it(`gives ${method} /cookie its cookies`, async () => {
      const fields = ["Cookie: a=1;  b=2=3;no-name; =4;c="];
      const { status, text } = await call(`${method} /cookie`, { fields });
      assert.equal(status, 200);
      assert.equal(text, "a=1\nb=2=3\nc=\n");
    });
  }
  it("gives no cookies where there are none", async () => {
    const { status, text } = await call("GET /cookie");
    assert.equal(status, 200);
    assert.equal(text, "");
  });

  it("says what methods there are", async () => {
    const allowed = "GET,HEAD,OPTIONS,POST";
    const { field } = await call("OPTIONS /");
    assert.equal(field("allow")?.replaceAll(" ", ""), allowed);
    const refused = await call("DELETE /");
    assert.equal(refused.status, 405);
    assert.equal(refused.field("allow")?.replaceAll(" ", ""), allowed);
  });

  it("waits for a body of nearly a gigabyte", async () => {
    const head = "POST / HTTP/1.1\r\nHost: probe\r\nContent-Length: 999999999";
    await assert.rejects(
      exchange(daemon.address, `${head}\r\n\r\n`, {
        responses: 1,
        timeoutMs: 300,
      }),
      /no end after 300 ms; got ""/,
    );
  });
});
