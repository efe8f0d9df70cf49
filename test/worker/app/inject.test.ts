import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import { inject } from "../../../src/worker/app/inject.ts";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import {
  created,
  noContent,
  ok,
  stream,
} from "../../../src/worker/http/response-helpers.ts";

/** An app that answers what it was asked. */
function mirror(): App {
  const answer = async (request: HttpRequest) =>
    ok({
      method: request.method,
      target: request.target,
      host: request.headers.get("host"),
      type: request.headers.get("content-type"),
      length: request.headers.get("content-length"),
      body: await request.text(),
      remoteAddress: request.remoteAddress,
      protocol: request.protocol,
    });
  return new App().get("/*", answer).post("/*", answer);
}

describe("inject()", () => {
  it("runs middleware, routes and error handling", async () => {
    const app = new App().use(async (request, next) => {
      return (await next(request)).with("X-Seen", "1");
    });
    app.post("/horses", async (request) => {
      const { name } = await request.json<{ name: string }>();
      return created({ id: 7, name }, "/horses/7");
    });
    app.get("/broken", () => {
      throw new TypeError("broken");
    });

    const body = { name: "Bucephalus" };
    const options = { method: "POST", path: "/horses", body };
    const response = await inject(app, options);
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("Location"), "/horses/7");
    assert.equal(response.headers.get("X-Seen"), "1");
    assert.deepEqual(await response.json(), { id: 7, name: "Bucephalus" });
    assert.equal((await inject(app, "/broken")).status, 500);
    assert.equal((await inject(app, "/none")).status, 404);
  });

  it("asks for / as a client on this machine does", async () => {
    const response = await inject(mirror());
    assert.deepEqual(await response.json(), {
      method: "GET",
      target: "/",
      host: "localhost",
      body: "",
      remoteAddress: "127.0.0.1",
      protocol: "http",
    });
  });

  it("takes a query in several ways", async () => {
    const targetOf = async (path: string, query: object) => {
      const options = { path, query: query as URLSearchParams };
      const { target } = await (await inject(mirror(), options)).json<{
        target: string;
      }>();
      return target;
    };
    assert.equal(await targetOf("/a?b=1", {}), "/a?b=1");
    assert.equal(await targetOf("/a", { b: 1, c: "é&" }), "/a?b=1&c=%C3%A9%26");
    const twice = new URLSearchParams("b=2&b=3");
    assert.equal(await targetOf("/a?b=1", twice), "/a?b=1&b=2&b=3");
  });

  const form = new FormData();
  form.set("a", "1");
  const bodies: [what: string, body: unknown, type: RegExp, sent: RegExp][] = [
    ["a text", "é", /^text\/plain;charset=UTF-8$/, /^é$/],
    ["bytes", Buffer.from("ab"), /^undefined$/, /^ab$/],
    ["JSON", [1, null], /^application\/json$/, /^\[1,null\]$/],
    ["null", null, /^application\/json$/, /^null$/],
    [
      "a query",
      new URLSearchParams("a=b c"),
      /^application\/x-www-form-urlencoded/,
      /^a=b\+c$/,
    ],
    [
      "a form",
      form,
      /^multipart\/form-data; boundary=/,
      /name="a"\r\n\r\n1\r\n/,
    ],
  ];
  for (const [what, body, type, sent] of bodies) {
    it(`sends ${what} with its type and length`, async () => {
      const response = await inject(mirror(), { method: "POST", body });
      const seen = await response.json<Record<string, string>>();
      assert.match(`${seen.type}`, type);
      assert.match(seen.body ?? "", sent);
      assert.equal(seen.length, `${Buffer.byteLength(seen.body ?? "")}`);
    });
  }

  it("keeps the fields that it is given", async () => {
    const headers = { Host: "example.org", "Content-Type": "text/csv" };
    const options = { method: "POST", headers, body: "a;b" };
    const response = await inject(mirror(), { ...options, protocol: "https" });
    const seen = await response.json<Record<string, string>>();
    assert.equal(seen.host, "example.org");
    assert.equal(seen.type, "text/csv");
    assert.equal(seen.protocol, "https");
  });

  it("reads a body in pieces, as often as one likes", async () => {
    const app = new App().get("/", () => stream(Readable.from(["a", "é"])));
    const response = await inject(app);
    assert.equal(await response.text(), "aé");
    assert.deepEqual(await response.bytes(), Buffer.from("aé"));
  });

  it("gives no body where a client gets none", async () => {
    const app = new App().get("/", () => ok("a")).get("/none", noContent);
    assert.equal(await (await inject(app, { method: "HEAD" })).text(), "");
    assert.equal(await (await inject(app, "/none")).text(), "");
  });

  it("rejects a path that is none", async () => {
    await assert.rejects(inject(mirror(), "a"), /a path begins with "\/": "a"/);
  });
});
