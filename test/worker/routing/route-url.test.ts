import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";

const handler = () => ok();

function app(): App {
  const made = new App();
  made.get("/", handler, { name: "home" });
  made.get("/users/:id", handler, { name: "user" });
  made.put("/users/:id", handler, { name: "user" });
  made.get("/orders/:number(\\d+)/:part", handler, { name: "order" });
  made.get("/files/*path", handler, { name: "file" });
  return made;
}

describe("app.url()", () => {
  for (const [name, params, url] of [
    ["home", undefined, "/"],
    ["user", { id: 7 }, "/users/7"],
    ["user", { id: "a/b ü?" }, "/users/a%2Fb%20%C3%BC%3F"],
    ["order", { number: "42", part: "x" }, "/orders/42/x"],
    ["file", { path: "a b/c.txt" }, "/files/a%20b/c.txt"],
    ["file", { path: "" }, "/files/"],
  ] as const) {
    it(`of ${name} with ${JSON.stringify(params)} is ${url}`, () => {
      const made = app();
      assert.equal(made.url(name, params), url);
      assert.equal(made.router.find("GET", url).type, "route");
    });
  }

  for (const [name, params, message] of [
    [
      "usr",
      {},
      'no route has the name "usr"; there are home, user, user, order, file',
    ],
    ["user", {}, 'no URL for /users/:id: a value for "id" is missing'],
    [
      "user",
      { id: 1, ID: 2 },
      'no URL for /users/:id: it has no parameter "ID"',
    ],
    ["user", { id: "" }, 'no URL for /users/:id: the value of "id" is empty'],
    [
      "user",
      { id: ".." },
      'no URL for /users/:id: "id" would be a "." or ".." segment',
    ],
    [
      "file",
      { path: "a/../b" },
      'no URL for /files/*path: "path" would be a "." or ".." segment',
    ],
    [
      "order",
      { number: "4x", part: "x" },
      'no URL for /orders/:number(\\d+)/:part: "4x" is not of the form \\d+',
    ],
  ] as const) {
    it(`refuses ${name} with ${JSON.stringify(params)}`, () => {
      assert.throws(() => app().url(name, params), { message });
    });
  }

  it("asks for some name", () => {
    assert.throws(() => new App().url("x"), {
      message: 'no route has the name "x"; none has a name',
    });
  });

  it("has one pattern a name", () => {
    const taken = /the name "user" of \/u .*\.ts:\d+:\d+\) is taken by \/users/;
    assert.throws(() => app().get("/u", handler, { name: "user" }), taken);
  });
});
