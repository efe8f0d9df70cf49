import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { adminGuard } from "../../../src/master/admin/admin-guard.ts";

const TOKEN = "a-token-of-22-letters.";
const BEARER = { authorization: `Bearer ${TOKEN}` };
const LOCAL = { host: "localhost:9090" };

interface Asked {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bound?: string;
  readonly token?: () => string | undefined;
}

/** The status of the refusal, and what it says; undefined if let through. */
function refusal(asked: Asked) {
  const { path = "/control/stop", headers = {}, bound = "127.0.0.1" } = asked;
  const { token = () => TOKEN } = asked;
  const guard = adminGuard({ host: bound, token });
  const query = new URLSearchParams();
  const answer = guard({ method: "POST", path, query, headers });
  return answer && `${answer.status} ${answer.body.trim()}`;
}

function onPage(headers: Record<string, string>, bound?: string) {
  return refusal({ path: "/status", headers, ...(bound && { bound }) });
}

describe("a control call on the admin port", () => {
  it("is let through with the token", () => {
    assert.equal(refusal({ headers: { ...LOCAL, ...BEARER } }), undefined);
    const lower = { ...LOCAL, authorization: `bearer  ${TOKEN}` };
    assert.equal(refusal({ headers: lower }), undefined);
  });

  it("is refused while no token is configured, and says how", () => {
    const headers = { ...LOCAL, ...BEARER };
    const said = refusal({ headers, token: () => undefined });
    assert.match(said ?? "", /^403 .*admin\.tokenFile/);
  });

  it("is refused where the token's file cannot be used", () => {
    const token = () => {
      throw new Error("does not exist");
    };
    const said = refusal({ headers: { ...LOCAL, ...BEARER }, token });
    assert.equal(said, "403 refused: admin.tokenFile does not exist");
  });

  it("is refused without the token, with another, or with less of it", () => {
    assert.match(refusal({ headers: LOCAL }) ?? "", /^401 .*is missing/);
    for (const given of [
      "Bearer another-token-than-it",
      `Bearer ${TOKEN.slice(0, -1)}`,
      `Bearer ${TOKEN}.`,
    ]) {
      const headers = { ...LOCAL, authorization: given };
      assert.match(refusal({ headers }) ?? "", /^401 .*is wrong/);
    }
    const basic = { ...LOCAL, authorization: `Basic ${TOKEN}` };
    assert.match(refusal({ headers: basic }) ?? "", /^401/);
  });

  it("is refused where a page of another site makes it", () => {
    for (const mark of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:8080" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      const headers = { ...LOCAL, ...BEARER, ...mark };
      assert.match(refusal({ headers }) ?? "", /^403 .*another site/);
    }
    const own = {
      origin: "http://localhost:9090",
      "sec-fetch-site": "same-origin",
    };
    const headers = { ...LOCAL, ...BEARER, ...own };
    assert.equal(refusal({ headers }), undefined);
  });
});

describe("a page of the admin port", () => {
  it("needs no token", () => {
    assert.equal(onPage(LOCAL), undefined);
  });

  it("is for those who ask for this machine, if it is bound to that", () => {
    for (const host of [
      "localhost",
      "LOCALHOST:9090",
      "127.0.0.1:9090",
      "127.1.2.3",
      "[::1]:9090",
    ]) {
      assert.equal(onPage({ host }), undefined, host);
      assert.equal(onPage({ host }, "::1"), undefined, host);
    }
    for (const host of ["evil.example:9090", "127.0.0.1.evil.example"]) {
      assert.match(onPage({ host }) ?? "", /^421/);
    }
  });

  it("is for whoever asks where the port is open to others", () => {
    assert.equal(onPage({ host: "shop.example" }, "0.0.0.0"), undefined);
  });

  it("is for old probes that name no host, and probes for any", () => {
    assert.equal(onPage({}), undefined);
    const headers = { host: "shop.example" };
    for (const path of ["/livez", "/readyz"]) {
      assert.equal(refusal({ path, headers }), undefined);
    }
  });
});
