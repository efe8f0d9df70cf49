import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { LightRequest } from "../../../src/worker/adapters/light-request.ts";
import { nativeFetchApi } from "../../../src/worker/adapters/native-fetch-api.ts";
import { replaceGlobals } from "../../../src/worker/adapters/replace-globals.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { serveHttp } from "../http1/served-http1.ts";

const { Request: NativeRequest } = nativeFetchApi();
replaceGlobals();

const FORM = "application/x-www-form-urlencoded";

function lightOf(body?: string, type = "text/plain"): Request {
  const method = body === undefined ? "GET" : "POST";
  const headers = { Host: "h", "Content-Type": type, "X-A": "1" };
  const served = new HttpRequest({ method, target: "/a?b", headers, body });
  return new LightRequest(served) as unknown as Request;
}

function nativeOf(body?: string, type = "text/plain"): Request {
  const method = body === undefined ? "GET" : "POST";
  const headers = { Host: "h", "Content-Type": type, "X-A": "1" };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  return new NativeRequest("http://h/a?b", init);
}

describe("a light Request", () => {
  test("has the properties of a native one", () => {
    const light = lightOf();
    const native = nativeOf();
    for (const name of Object.getOwnPropertyNames(NativeRequest.prototype)) {
      const key = name as keyof Request;
      const value = native[key];
      if (typeof value === "object" && value !== null) continue;
      if (typeof value === "function")
        assert.equal(typeof light[key], "function");
      else assert.equal(light[key], value, name);
    }
    assert.deepEqual([...light.headers], [...native.headers]);
    assert.ok(light.signal instanceof AbortSignal);
    assert.ok(light instanceof NativeRequest);
    assert.equal(String(light), "[object Request]");
    assert.match(inspect(light), /^Request \{\s+method: 'GET'/);
  });

  test("RFC 9110 §9.1 keeps the case of a method, as a native one does", () => {
    for (const method of ["get", "post", "patch", "PUT"]) {
      const served = new HttpRequest({ method, headers: { Host: "h" } });
      const native = new NativeRequest("http://h/", { method });
      assert.equal(new LightRequest(served).method, native.method);
    }
  });

  for (const [title, read] of Object.entries({
    text: (request: Request) => request.text(),
    arrayBuffer: async (request: Request) =>
      Buffer.from(await request.arrayBuffer()).toString("hex"),
    blob: async (request: Request) => (await request.blob()).text(),
    body: async (request: Request) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of request.body ?? []) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    },
    clone: async (request: Request) => {
      const copy = request.clone();
      return (await request.text()) + (await copy.text());
    },
  })) {
    test(`gives its body as a native one does: ${title}`, async () => {
      for (const body of [undefined, "\ufeffwörld"]) {
        const light = lightOf(body);
        const native = nativeOf(body);
        assert.equal(await read(light), await read(native));
        assert.equal(light.bodyUsed, native.bodyUsed);
        const errorOf = (request: Request) =>
          request.text().then(
            () => undefined,
            (error: Error) => error.constructor,
          );
        assert.equal(await errorOf(light), await errorOf(native));
      }
    });
  }

  test("parses JSON and forms", async () => {
    assert.deepEqual(await lightOf('{"a":1}').json(), { a: 1 });
    await assert.rejects(lightOf("{").json(), { name: "SyntaxError" });
    const form = await lightOf("a=b", FORM).formData();
    assert.equal(form.get("a"), "b");
  });

  test("is not cloned when it has been read", async () => {
    const light = lightOf("a");
    await light.text();
    assert.throws(() => light.clone(), TypeError);
  });

  test("keeps what was changed in its fields", () => {
    const light = lightOf();
    light.headers.set("X-A", "2");
    assert.equal(light.clone().headers.get("X-A"), "2");
    assert.equal(light.headers.get("X-A"), "2");
  });

  test("aborts as the request does for which it stands", () => {
    const served = new HttpRequest({ headers: { Host: "h" } });
    const light = new LightRequest(served) as unknown as Request;
    const copy = light.clone();
    served.abort(new Error("left"));
    assert.equal(light.signal.aborted, true);
    assert.equal(copy.signal.aborted, true);
  });
});

describe("the globals of fetch, replaced", () => {
  test("take a light request as a native one", async () => {
    const { address } = await serveHttp(async (request) => {
      const text = await request.text();
      return new HttpResponse(`${request.method} ${text}`);
    });
    assert.ok("port" in address);
    const headers = { Host: `127.0.0.1:${address.port}` };
    const make = () =>
      new LightRequest(
        new HttpRequest({ method: "POST", headers, body: "body" }),
      ) as unknown as Request;
    assert.equal(await (await fetch(make())).text(), "POST body");
    const again = new Request(make(), { headers: { "X-A": "1" } });
    assert.equal(again.headers.get("X-A"), "1");
    assert.equal(await again.text(), "body");
    const read = make();
    await read.text();
    assert.throws(() => new Request(read), TypeError);
  });

  test("are what they were in all else", () => {
    assert.equal(Request.name, "Request");
    assert.equal(Response.name, "Response");
    assert.equal(fetch.name, "fetch");
    const request = new Request("http://h/", { method: "PUT" });
    assert.ok(request instanceof Request);
    assert.ok(request instanceof NativeRequest);
    assert.ok(new NativeRequest("http://h/") instanceof Request);
    assert.equal(Response.json({ a: 1 }).status, 200);
    assert.equal(Response.error().type, "error");
  });
});
