import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import type { UpgradeResponse } from "../../../src/worker/http/upgrade-response.ts";

const asking = (target: string, upgrades = ["websocket"]) =>
  new HttpRequest({ target, upgrades });

const take = () => {};

describe("app.upgrade()", () => {
  test("takes the upgrade that the client asks for", async () => {
    const app = new App();
    const seen: unknown[] = [];
    app.upgrade("/rooms/:room", (request, socket, head) => {
      seen.push(request.pathParams.room, request.route, socket, String(head));
    });
    const response = await app.handle(asking("/rooms/7"));
    assert.equal(response.status, 101);
    const socket = new PassThrough();
    (response as UpgradeResponse).takeSocket(socket, Buffer.from("early"));
    assert.deepEqual(seen, ["7", "/rooms/:room", socket, "early"]);
  });

  test("leaves other protocols to HTTP", async () => {
    const app = new App().get("/", () => ok("plain")).upgrade("/", take);
    const response = await app.handle(asking("/", ["h2c"]));
    assert.equal(response.status, 200);
  });

  test("takes the first protocol that has a route", async () => {
    const app = new App();
    app.upgrade("/", () => assert.fail(), { protocol: "b" });
    app.upgrade("/", take, { protocol: "Other/2" });
    const response = await app.handle(asking("/", ["x", "other/2", "b"]));
    await (response as UpgradeResponse).takeSocket(
      new PassThrough(),
      Buffer.alloc(0),
    );
  });

  test("leaves requests that ask for none to HTTP", async () => {
    const app = new App().get("/", () => ok("plain")).upgrade("/", take);
    const response = await app.handle(new HttpRequest({ target: "/" }));
    assert.equal(response.body, "plain");
  });

  test("leaves other methods to HTTP", async () => {
    const app = new App().upgrade("/", take).post("/", () => ok("posted"));
    const request = { method: "POST", target: "/", upgrades: ["websocket"] };
    const response = await app.handle(new HttpRequest(request));
    assert.equal(response.body, "posted");
  });

  test("RFC 9110 §15.5.22 answers 426 where there is nothing else", async () => {
    const app = new App().upgrade("/", take);
    const response = await app.handle(new HttpRequest({ target: "/" }));
    assert.equal(response.status, 426);
    assert.equal(response.headers.get("Upgrade"), "websocket");
  });

  test("RFC 9110 §10.2.1 does not show among the methods", async () => {
    const app = new App().upgrade("/", take).post("/", () => ok());
    const put = { method: "PUT", target: "/" };
    const response = await app.handle(new HttpRequest(put));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("Allow"), "POST, OPTIONS");
    const all = { method: "OPTIONS", target: "*" };
    const options = await app.handle(new HttpRequest(all));
    assert.equal(options.headers.get("Allow"), "POST, OPTIONS");
  });

  test("RFC 9110 §9.3.7 answers OPTIONS where there is nothing else", async () => {
    const app = new App().upgrade("/", take);
    const options = { method: "OPTIONS", target: "/" };
    const response = await app.handle(new HttpRequest(options));
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("Allow"), "GET, OPTIONS");
  });

  test("runs the middleware first, which may refuse", async () => {
    const app = new App();
    app.router.group("/private", (group) => {
      group.use((request, next) => {
        if (request.headers.has("Authorization")) return next(request);
        throw new HttpError(401);
      });
      group.upgrade("/chat", () => assert.fail("never called"));
    });
    const response = await app.handle(asking("/private/chat"));
    assert.equal(response.status, 401);
  });

  test("lets middleware see the answer", async () => {
    const app = new App().upgrade("/", take);
    const statuses: number[] = [];
    app.use(async (request, next) => {
      const response = await next(request);
      statuses.push(response.status);
      return response.with("X-Seen", "1");
    });
    const response = await app.handle(asking("/"));
    assert.deepEqual(statuses, [101]);
    assert.equal(typeof (response as UpgradeResponse).takeSocket, "function");
  });

  test("refuses what is no protocol, and no function", () => {
    const app = new App();
    assert.throws(() => app.upgrade("/", take, { protocol: "a b" }), {
      name: "TypeError",
      message:
        'a protocol is a token, or two with "/" between (RFC 9110 §7.8): ' +
        '"a b"',
    });
    assert.throws(() => app.upgrade("/", undefined as never), {
      message:
        "the handler of upgrade to websocket / is not a function " +
        "but undefined",
    });
  });

  test("refuses a second route for the same", () => {
    const app = new App().upgrade("/:a", take);
    assert.throws(() => app.upgrade("/:b", take), /would never be reached/);
  });
});
