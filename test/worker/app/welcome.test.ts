import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { welcomeApp } from "../../../src/worker/app/welcome.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";

const get = (target: string, accept = "*/*") =>
  welcomeApp().handle(new HttpRequest({ target, headers: { Accept: accept } }));

describe("the welcome app", () => {
  it("shows a page to browsers, which loads nothing else", async () => {
    const answer = await get("/", "text/html,application/xml;q=0.9,*/*;q=0.8");
    const body = String(answer.body);
    assert.equal(
      answer.headers.get("content-type"),
      "text/html; charset=utf-8",
    );
    assert.equal(answer.headers.get("vary"), "Accept");
    assert.ok(body.includes(`Worker process ${process.pid}`));
    for (const path of ["/livez", "/readyz", "/status", "/metrics"]) {
      assert.ok(body.includes(`http://127.0.0.1:9090${path}`));
    }
    assert.doesNotMatch(body, /<script|src=|@import|url\(/);
  });

  it("says the same in short to others", async () => {
    const answer = await get("/");
    assert.equal(
      answer.headers.get("content-type"),
      "text/plain; charset=utf-8",
    );
    assert.match(String(answer.body), /^Remuda runs\./);
    assert.ok(String(answer.body).includes(`process ${process.pid}`));
  });

  it("greets by name", async () => {
    const answer = await get("/hello/J%C3%B6rg");
    assert.deepEqual(JSON.parse(String(answer.body)), {
      message: "Hello Jörg",
      pid: process.pid,
    });
  });
});
