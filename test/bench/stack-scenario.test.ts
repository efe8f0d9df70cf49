import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { requestText } from "../../bench/load/request-text.ts";
import type { Exchange } from "../../bench/scenarios/scenario.ts";
import { stack } from "../../bench/scenarios/stack.ts";
import { GROUPS, PAGES } from "../../bench/servers/stack/api.js";

const { exchanges } = stack;

function countOf(isSo: (exchange: Exchange) => boolean): number {
  return exchanges.filter(isSo).length;
}

describe("the stack scenario", () => {
  it("has 100 routes, and asks each of them", () => {
    const routes = GROUPS.flatMap((group) => group.routes);
    assert.equal(PAGES.length + routes.length, 100);
    const asked = exchanges.map(({ request: { method, path } }) => {
      return `${method} ${path.replace(/\d{2,}/, ":id")}`;
    });
    const preflights = GROUPS.length;
    assert.equal(new Set(asked).size, 100 + preflights);
  });

  it("asks with several methods, mostly GET, in a mixed order", () => {
    const ofMethod = (name: string) =>
      countOf(({ request }) => request.method === name);
    assert.deepEqual(
      ["GET", "POST", "PUT", "DELETE", "OPTIONS"].map(ofMethod),
      [192, 12, 12, 12, 12],
    );
    const neighbours = countOf((exchange) => {
      const next = exchanges[exchanges.indexOf(exchange) + 1];
      return next?.request.path === exchange.request.path;
    });
    assert.ok(neighbours < exchanges.length / 20, String(neighbours));
  });

  it("sends bodies with their length", () => {
    const post = exchanges.find(({ request }) => request.method === "POST");
    assert(post);
    const text = requestText(post.request, 80);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    assert.match(head, /^POST \/api\/v1\/\w+\/list HTTP\/1\.1\r\nHost: /);
    assert.match(head, new RegExp(`Content-Length: ${body.length}$`));
    assert.deepEqual(JSON.parse(body).name, "Bill");
  });
});
