import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RequestBody } from "../../../src/worker/http/body/request-body.ts";
import { HttpHeaders } from "../../../src/worker/http/fields/http-headers.ts";
import type { Origin } from "../../../src/worker/http/forwarded/client.ts";
import { RequestAborted } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";

describe("a request", () => {
  it("made of nothing is GET / without a body", async () => {
    const request = new HttpRequest();
    assert.equal(request.method, "GET");
    assert.equal(request.target, "/");
    assert.equal(request.httpVersion, "1.1");
    assert.equal(request.headers.size, 0);
    assert.equal(request.remoteAddress, undefined);
    assert.equal(request.protocol, "http");
    assert.equal(await request.text(), "");
    assert.equal(request.route, undefined);
    assert.deepEqual(Object.keys(request.pathParams), []);
  });

  it("made of an address has it in its plain form", () => {
    const forms = [
      ["::ffff:192.0.2.7", "192.0.2.7"],
      ["::FFFF:c000:0207", "192.0.2.7"],
      ["2001:0DB8:0:0::1", "2001:db8::1"],
      ["fe80::1%eth0", "fe80::1"],
      ["unix", "unix"],
      ["none", undefined],
      ["", undefined],
    ] as const;
    for (const [given, plain] of forms) {
      const request = new HttpRequest({ remoteAddress: given });
      assert.equal(request.remoteAddress, plain);
      assert.equal(request.peerAddress, plain);
    }
    const peerAddress = "::ffff:10.0.0.1";
    const behind = new HttpRequest({ remoteAddress: "::1", peerAddress });
    assert.equal(behind.remoteAddress, "::1");
    assert.equal(behind.peerAddress, "10.0.0.1");
  });

  it("has the host that it names, with its port", () => {
    const headers = { Host: "a.example:8080" };
    assert.equal(new HttpRequest({ headers }).host, "a.example:8080");
    assert.equal(new HttpRequest().host, undefined);
  });

  it("resolves its client once, on first use", () => {
    let count = 0;
    const origin: Origin = {
      peerAddress: "10.0.0.1",
      isTrusted: true,
      clientOf: ({ headers }) => {
        count++;
        const remoteAddress = headers.get("X-Forwarded-For");
        return { remoteAddress, protocol: "https", host: undefined };
      },
    };
    const headers = { "X-Forwarded-For": "192.0.2.1", Host: "h" };
    const request = new HttpRequest({ headers, origin });
    assert.equal(request.peerAddress, "10.0.0.1");
    assert.equal(count, 0);
    const { remoteAddress, protocol, host } = request;
    assert.deepEqual(
      [remoteAddress, protocol, host],
      [...["192.0.2.1", "https", "h"]],
    );
    assert.equal(count, 1);
  });

  it("has the path as it was sent, without the query", () => {
    const paths = [
      ["/a%20b?c=1", "/a%20b"],
      ["/a", "/a"],
      ["/?/a?b", "/"],
      ["*", "*"],
    ] as const;
    for (const [target, path] of paths) {
      assert.equal(new HttpRequest({ target }).path, path);
    }
  });

  it("has the query's parameters, decoded", () => {
    const { query } = new HttpRequest({ target: "/?a=1&b=%C3%A9+x&a=2?" });
    assert.deepEqual(query.getAll("a"), ["1", "2?"]);
    assert.equal(query.get("b"), "é x");
    assert.equal(new HttpRequest({ target: "/a" }).query.size, 0);
  });

  it("takes fields as they are, or as a record", () => {
    const headers = new HttpHeaders({ A: "1" });
    assert.equal(new HttpRequest({ headers }).headers, headers);
    const request = new HttpRequest({ headers: { A: "1" } });
    assert.equal(request.headers.get("a"), "1");
    assert.equal(request.headers, request.headers);
  });

  it("reads its body whole", async () => {
    const post = (body: string | Buffer) =>
      new HttpRequest({ method: "POST", body });
    assert.deepEqual(await post('{"a":1}').json(), { a: 1 });
    assert.equal(await post(Buffer.from("é")).text(), "é");
    assert.deepEqual(await post("ab").bytes(), Buffer.from("ab"));
  });
});

describe("a request whose client leaves", () => {
  const gone = new RequestAborted("gone");

  it("aborts its signal, looked at before or after", () => {
    const before = new HttpRequest();
    const { signal } = before;
    assert.equal(signal.aborted, false);
    before.abort(gone);
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason, gone);

    const after = new HttpRequest();
    after.abort(gone);
    assert.equal(after.signal.aborted, true);
    assert.equal(after.signal.reason, gone);
  });

  it("rejects a reader of its body", async () => {
    const request = new HttpRequest({ body: new RequestBody() });
    const text = request.text();
    request.abort(gone);
    await assert.rejects(text, gone);
  });
});
