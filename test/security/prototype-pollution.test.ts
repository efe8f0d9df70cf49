/**
 * Names that every object has, sent wherever a client chooses names: query,
 * path, fields, cookies, forms, JSON, claims of tokens. What all objects share
 * must stay as it is (CWE-1321), and no name may seem to be there, or gone,
 * because of it.
 */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { SignJWT } from "jose";
import { App } from "../../src/worker/app/app.ts";
import { HttpRequest } from "../../src/worker/http/http-request.ts";
import { ok, problem } from "../../src/worker/http/response-helpers.ts";
import { basicAuth } from "../../src/worker/middleware/authentication/basic-auth.ts";
import { bearerAuth } from "../../src/worker/middleware/authentication/bearer-auth.ts";
import { jwt } from "../../src/worker/middleware/authentication/jwt.ts";

const NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "__lookupSetter__",
];

const before = ownNames();

function ownNames(): string[] {
  return [Object.prototype, Array.prototype, Function.prototype].flatMap(
    (prototype) => Reflect.ownKeys(prototype).map(String),
  );
}

afterEach(() => {
  assert.deepEqual(ownNames(), before, "a prototype was changed");
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

describe("a name that every object has", () => {
  it("is an ordinary one in a query", async () => {
    const target = `/?${NAMES.map((name) => `${name}=1`).join("&")}`;
    const { query } = new HttpRequest({ target });
    for (const name of NAMES) assert.equal(query.get(name), "1");
    assert.equal(new HttpRequest().query.get("__proto__"), null);
  });

  it("is no path into an object in a query", () => {
    const names = [
      "__proto__[polluted]",
      "__proto__.polluted",
      "constructor[prototype][polluted]",
      "a[__proto__][polluted]",
      "a[]=1&a[__proto__]",
    ];
    for (const name of names) {
      const { query } = new HttpRequest({ target: `/?${name}=1` });
      assert.equal([...query].length > 0, true);
    }
  });

  it("is an ordinary one of a cookie", () => {
    const headers = { Cookie: NAMES.map((name) => `${name}=1`).join("; ") };
    const { cookies } = new HttpRequest({ headers });
    assert.equal(Object.getPrototypeOf(cookies), null);
    assert.deepEqual(Object.keys(cookies), NAMES);
    for (const name of NAMES) assert.equal(cookies[name], "1");
    for (const without of [{}, { Cookie: "a=1" }]) {
      const request = new HttpRequest({ headers: without });
      for (const name of NAMES) assert.equal(request.cookies[name], undefined);
    }
  });

  it("is an ordinary one of a field", () => {
    const { headers } = new HttpRequest({
      headers: NAMES.map((name) => [name, "1"] as const),
    });
    for (const name of NAMES) assert.equal(headers.get(name), "1");
    const none = new HttpRequest().headers;
    for (const name of NAMES) assert.equal(none.get(name), undefined);
  });

  it("is an ordinary one of a parameter, and of a path", async () => {
    const app = new App()
      .get("/x/:__proto__/:constructor", ({ pathParams }) =>
        ok(Object.entries(pathParams).flat().join(" ")),
      )
      .get("/y/:id", ({ pathParams }) =>
        ok(String("toString" in pathParams || "__proto__" in pathParams)),
      );
    const body = async (target: string) =>
      (await app.handle(new HttpRequest({ target }))).body;
    assert.equal(
      await body("/x/polluted/1"),
      "__proto__ polluted constructor 1",
    );
    assert.equal(await body("/y/1"), "false");
    for (const name of NAMES) {
      const request = new HttpRequest({ target: `/${name}` });
      assert.equal((await app.handle(request)).status, 404);
      const method = new HttpRequest({ method: name, target: "/y/1" });
      assert.equal((await app.handle(method)).status, 501);
    }
  });

  it("is an ordinary one in JSON", async () => {
    const bodies = [
      '{"__proto__":{"polluted":1},"a":1}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"a":{"__proto__":{"polluted":1}}}',
      '[{"__proto__":{"polluted":1}}]',
    ];
    for (const body of bodies) {
      const request = new HttpRequest({ method: "POST", body });
      const value = await request.json();
      assert.equal(JSON.stringify(value), body, "all is there, as it was");
      const app = new App().post("/", async (request) =>
        ok(await request.json()),
      );
      const echo = new HttpRequest({ method: "POST", body });
      assert.equal((await app.handle(echo)).body, body);
    }
  });

  it("is an ordinary one of a form", async () => {
    const forms = [
      [
        "application/x-www-form-urlencoded",
        "__proto__=1&constructor=1&__proto__[polluted]=1",
      ],
      [
        "multipart/form-data; boundary=b",
        ["__proto__", "constructor", "__proto__[polluted]"]
          .map(
            (name) =>
              `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n1\r\n`,
          )
          .join("")
          .concat("--b--\r\n"),
      ],
    ] as const;
    for (const [type, body] of forms) {
      const headers = { "Content-Type": type };
      const request = new HttpRequest({ method: "POST", headers, body });
      const form = await request.formData();
      assert.equal(form.get("__proto__"), "1");
      assert.equal(form.get("constructor"), "1");
      assert.equal(form.get("toString"), null);
    }
  });

  it("is an ordinary one among the members of a problem", () => {
    const members = JSON.parse('{"__proto__":{"polluted":1},"errors":[]}');
    const { body } = problem(422, "no", members);
    assert.ok(typeof body === "string");
    assert.ok(Object.hasOwn(JSON.parse(body), "__proto__"));
  });

  it("is nobody's name, password or token", async () => {
    const basic = basicAuth({ users: { ann: "sesame" } });
    const bearer = bearerAuth({ tokens: { ann: "sesame" } });
    for (const name of NAMES) {
      const passwords = [name, "undefined", "[object Object]", "null", ""];
      for (const password of passwords) {
        const credentials = btoa(`${name}:${password}`);
        const headers = { Authorization: `Basic ${credentials}` };
        const request = new HttpRequest({ headers });
        const answer = await basic(request, () => assert.fail("got in"));
        assert.equal(answer.status, 401);
      }
      const headers = { Authorization: `Bearer ${name}` };
      const request = new HttpRequest({ headers });
      const answer = await bearer(request, () => assert.fail("got in"));
      assert.equal(answer.status, 401);
    }
  });

  it("is an ordinary claim of a token", async () => {
    const secret = "a secret of thirty-two bytes, yes";
    const payload = JSON.parse('{"__proto__":{"polluted":1},"scope":"x"}');
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1m")
      .sign(Buffer.from(secret));
    const headers = { Authorization: `Bearer ${token}` };
    const auth = jwt({ secret, requiredScopes: ["polluted"] });
    const request = new HttpRequest({ headers });
    const answer = await auth(request, () => assert.fail("got in"));
    assert.equal(answer.status, 403);
  });
});
