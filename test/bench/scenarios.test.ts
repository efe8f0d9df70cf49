import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { autocannonRefusal } from "../../bench/load/autocannon-refusal.ts";
import { requestText } from "../../bench/load/request-text.ts";
import { SCENARIOS } from "../../bench/scenarios/all.ts";
import { browser } from "../../bench/scenarios/browser.ts";
import { json } from "../../bench/scenarios/json.ts";
import type { Scenario } from "../../bench/scenarios/scenario.ts";
import { serverSpec } from "../../bench/server-catalog.ts";

function textsOf({ exchanges }: Scenario): string[] {
  return exchanges.map(({ request }) => requestText(request, 8080));
}

describe("scenarios", () => {
  it("have names of their own", () => {
    const names = SCENARIOS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it("name servers that are there", () => {
    for (const { app, servers } of SCENARIOS) {
      for (const server of servers) {
        const scripts = serverSpec(server, app).args.filter((argument) => {
          return argument.includes("/servers/");
        });
        assert.ok(scripts.length > 0, server);
        for (const script of scripts) assert.ok(existsSync(script), script);
      }
    }
  });

  it("are in ASCII, whose characters are bytes", () => {
    const isAscii = /^[\0-\x7f]*$/;
    for (const scenario of SCENARIOS) {
      for (const text of textsOf(scenario)) assert.match(text, isAscii);
      for (const { answer } of scenario.exchanges) {
        assert.match(answer.body, isAscii);
      }
    }
  });
});

describe("scenarios with autocannon", () => {
  it("are those whose answers are short, on connections that stay", () => {
    const refused = SCENARIOS.filter((scenario) => {
      return autocannonRefusal(scenario) !== undefined;
    });
    assert.deepEqual(
      refused.map(({ name }) => name),
      ["download", "download-stream", "connect"],
    );
  });
});

describe("the json scenario", () => {
  it("sends bodies of 1 KiB, none of them twice", () => {
    const bodies = json.exchanges.map(({ request }) => request.body ?? "");
    for (const body of bodies) assert.equal(body.length, 1024);
    assert.equal(new Set(bodies).size, bodies.length);
  });

  it("is answered with what only a parser finds out", () => {
    const [first] = json.exchanges;
    const { items } = JSON.parse(first?.request.body ?? "");
    const receipt = JSON.parse(first?.answer.body ?? "");
    assert.equal(receipt.itemCount, items.length);
  });
});

describe("the browser scenario", () => {
  it("sends 12 fields, cookies among them", () => {
    for (const text of textsOf(browser)) {
      const [, ...fields] = text.trimEnd().split("\r\n");
      assert.equal(fields.length, 12);
      assert.ok(fields.some((field) => field.startsWith("Cookie: ")));
    }
  });

  it("sends no request twice", () => {
    const texts = textsOf(browser);
    assert.equal(new Set(texts).size, texts.length);
  });
});
