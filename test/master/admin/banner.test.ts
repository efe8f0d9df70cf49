import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BannerFacts, banner } from "../../../src/master/admin/banner.ts";
import type { Listening } from "../../../src/master/sockets/listener-set.ts";
import type { ListenAddress } from "../../../src/shared/addresses/listen-address.ts";
import { packageVersion } from "../../../src/shared/package-version.ts";

function listening(
  address: ListenAddress,
  scheme: Listening["scheme"] = "http",
): Listening {
  return { ...address, scheme, scheduling: "balanced" };
}

function linesOf(given: Partial<BannerFacts> = {}): string[] {
  const text = banner({
    listening: [listening({ host: "127.0.0.1", port: 8080 })],
    admin: { host: "127.0.0.1", port: 9090 },
    agentCheck: undefined,
    routes: [],
    workers: 4,
    ...given,
  });
  return text.split("\n").map((line) => line.trim());
}

function routesOf(count: number) {
  return Array.from({ length: count }, (_, at) => {
    return { method: "GET", pattern: `/route-${at + 1}` };
  });
}

describe("the banner", () => {
  it("says what runs, where, and how to reload and stop it", () => {
    const lines = linesOf();
    const { pid } = process;
    for (const line of [
      `remuda ${packageVersion()}  4 workers  pid ${pid}`,
      "serving  http://127.0.0.1:8080/",
      "admin    http://127.0.0.1:9090/status",
      `reload: kill -HUP ${pid}   stop: Ctrl-C`,
    ]) {
      assert.ok(lines.includes(line), `${line} in ${lines.join("\n")}`);
    }
  });

  it("shows where agent-check may ask", () => {
    const lines = linesOf({ agentCheck: { host: "::", port: 8081 } });
    assert.ok(lines.includes("agent    [::]:8081"));
  });

  it("shows a unix socket as such", () => {
    const lines = linesOf({
      listening: [listening({ socketPath: "/run/app.sock" })],
    });
    assert.ok(lines.includes("serving  unix:/run/app.sock"));
  });

  it("shows where TLS is spoken", () => {
    const lines = linesOf({
      listening: [
        listening({ host: "127.0.0.1", port: 8443 }, "https"),
        listening({ socketPath: "/run/app.sock" }, "https"),
      ],
    });
    const at = lines.indexOf("serving  https://127.0.0.1:8443/");
    assert.ok(at > 0);
    assert.equal(lines[at + 1], "serving  unix:/run/app.sock (TLS)");
  });

  it("shows IPv6 addresses as URLs have them (RFC 3986 §3.2.2)", () => {
    const lines = linesOf({
      listening: [listening({ host: "::1", port: 80 })],
      admin: { host: "::", port: 9090 },
    });
    assert.ok(lines.includes("serving  http://[::1]:80/"));
    assert.ok(lines.includes("admin    http://[::]:9090/status"));
  });

  it("lists the routes, one below the other", () => {
    const routes = [
      { method: "GET", pattern: "/users/:id" },
      { method: "OPTIONS", pattern: "/" },
    ];
    const lines = linesOf({ routes });
    const at = lines.indexOf("GET      /users/:id");
    assert.ok(at > 0);
    assert.equal(lines[at + 1], "OPTIONS  /");
  });

  it("lists forty routes at most, and says how many more there are", () => {
    const all = linesOf({ routes: routesOf(40) });
    assert.ok(all.includes("GET      /route-40"));
    assert.equal(all.join().includes("more"), false);
    const cut = linesOf({ routes: routesOf(42) });
    assert.equal(cut.includes("GET      /route-41"), false);
    assert.ok(cut.includes("… and 2 more"));
  });
});
