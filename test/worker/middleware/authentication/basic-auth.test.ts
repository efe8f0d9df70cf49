import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { App } from "../../../../src/worker/app/app.ts";
import type { Middleware } from "../../../../src/worker/http/handler.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import {
  type BasicAuthOptions,
  basicAuth,
} from "../../../../src/worker/middleware/authentication/basic-auth.ts";

function asking(authorization?: string | readonly string[]): HttpRequest {
  const headers: Record<string, string | readonly string[]> = {};
  if (authorization !== undefined) headers.Authorization = authorization;
  return new HttpRequest({ headers });
}

function basic(credentials: string | Buffer): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** The answer in the same tick. */
function now(middleware: Middleware, request: HttpRequest): HttpResponse {
  const answer = middleware(request, () => ok("in"));
  assert.ok(answer instanceof HttpResponse, "in the same tick");
  return answer;
}

describe("basic authentication", () => {
  const auth = basicAuth({
    realm: 'the "stable"',
    users: { ann: "sesame: open!", Zoë: "schön" },
  });

  it("lets in who knows the password, in the same tick", () => {
    assert.equal(now(auth, asking(basic("ann:sesame: open!"))).body, "in");
  });

  it("tells handlers the user's name", () => {
    const users = { ann: "sesame" };
    const login = basicAuth({ users });
    const app = new App().use(login);
    app.get("/", ({ context }) => ok(context.need(login.user).toUpperCase()));
    const answer = app.handle(asking(basic("ann:sesame")));
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.body, "ANN");
  });

  it("RFC 7617 §2 challenges all others with realm and charset", () => {
    const answer = now(auth, asking());
    assert.equal(answer.status, 401);
    assert.equal(
      answer.headers.get("WWW-Authenticate"),
      'Basic realm="the \\"stable\\"", charset="UTF-8"',
    );
  });

  it("§2.1 knows names and passwords in UTF-8, however composed", () => {
    assert.equal(now(auth, asking(basic("Zoë:schön"))).status, 200);
    const decomposed = "Zoë:schön".normalize("NFD");
    assert.notEqual(decomposed, "Zoë:schön");
    assert.equal(now(auth, asking(basic(decomposed))).status, 200);
  });

  it("RFC 9110 §11.1 knows the scheme in any case", () => {
    const credentials = basic("ann:sesame: open!");
    for (const scheme of ["basic", "BASIC", "Basic   "]) {
      const field = credentials.replace("Basic", scheme);
      assert.equal(now(auth, asking(field)).status, 200, scheme);
    }
  });

  const refused: readonly (readonly [
    why: string,
    field: string | readonly string[],
  ])[] = [
    ["a wrong password", basic("ann:sesame")],
    ["a longer one", basic("ann:sesame: open!!")],
    ["another's password", basic("ann:schön")],
    ["a name that nobody has", basic("bob:sesame: open!")],
    ["a name of another case", basic("Ann:sesame: open!")],
    ["names that all objects know", basic("constructor:x")],
    ["__proto__", basic("__proto__:[object Object]")],
    ["no password", basic("ann:")],
    ["nothing", basic(":")],
    ["no colon", basic("ann")],
    ["a control character", basic("ann:sesame: open!\0")],
    ["what is no UTF-8", basic(Buffer.from("Zo\xeb:sch\xf6n", "latin1"))],
    ["a byte order mark", basic("\ufeffann:sesame: open!")],
    ["what is no base64", "Basic ann:sesame"],
    ["base64 of URLs", "Basic YW5uOnNlc2FtZTogb3BlbiE_"],
    ["base64 with something behind", `${basic("ann:sesame: open!")} x`],
    ["another scheme", basic("ann:sesame: open!").replace("Basic", "Bearer")],
    ["the scheme alone", "Basic"],
    ["no scheme", Buffer.from("ann:sesame: open!").toString("base64")],
    ["two fields", [basic("ann:sesame: open!"), basic("ann:sesame: open!")]],
  ];
  for (const [why, field] of refused) {
    it(`refuses ${why}`, () => {
      const request = asking(field);
      const answer = auth(request, () => assert.fail("got in"));
      assert.ok(answer instanceof HttpResponse);
      assert.equal(answer.status, 401);
      assert.ok(answer.headers.has("WWW-Authenticate"));
      assert.equal(request.context.has(auth.user), false);
    });
  }
});

describe("basic authentication with a function", () => {
  it("makes what it gives the user", async () => {
    const auth = basicAuth({
      verify: (name, password) =>
        password === "sesame" ? { name, isAdmin: true } : undefined,
    });
    const app = new App().use(auth);
    app.get("/", ({ context }) => {
      const { name, isAdmin } = context.need(auth.user);
      return ok({ name, isAdmin });
    });
    const answer = await app.handle(asking(basic("ann:sesame")));
    assert.equal(answer.body, '{"name":"ann","isAdmin":true}');
  });

  it("waits for a promise, and lets nobody in before", async () => {
    let decide: (name: string | false) => void = () => {};
    const verify = () =>
      new Promise<string | false>((resolve) => {
        decide = resolve;
      });
    for (const [decision, status] of [
      ["ann", 200],
      [false, 401],
    ] as const) {
      let isIn = false;
      const answer = basicAuth({ verify })(asking(basic("ann:x")), () => {
        isIn = true;
        return ok();
      });
      await nextTurn();
      assert.equal(isIn, false);
      decide(decision);
      assert.equal((await answer).status, status);
      assert.equal(isIn, status === 200);
    }
  });

  it("takes a promise of any kind for a promise, not for a yes", async () => {
    const refusing = {
      // biome-ignore lint/suspicious/noThenProperty: as other libraries have
      then: (resolve: (value: undefined) => void) => resolve(undefined),
    };
    const auth = basicAuth({ verify: () => refusing as Promise<undefined> });
    const answer = await auth(asking(basic("ann:x")), () => ok());
    assert.equal(answer.status, 401);
  });

  for (const refused of [undefined, null, false, "", 0] as const) {
    it(`refuses where it gives ${JSON.stringify(refused)}`, () => {
      const auth = basicAuth({ verify: () => refused });
      assert.equal(now(auth, asking(basic("ann:x"))).status, 401);
    });
  }

  it("lets nobody in where it throws", () => {
    const verify = () => {
      throw new Error("no database");
    };
    const auth = basicAuth({ verify });
    const request = asking(basic("ann:x"));
    assert.throws(() => auth(request, () => ok()), /no database/);
  });

  it("is not asked about what are no credentials", () => {
    const auth = basicAuth({ verify: () => assert.fail("asked") });
    assert.equal(now(auth, asking("Basic !")).status, 401);
  });
});

describe("basicAuth() is refused at start", () => {
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /the options of basicAuth\(\) must be an object/],
    [{}, /basicAuth\(\) needs "users" or "verify"$/],
    [
      { users: { a: "b" }, verify: () => true },
      /needs "users" or "verify", and one of them only/,
    ],
    [{ user: {} }, /no option "user"; the options are realm, users, verify/],
    [
      { users: {} },
      /option users of basicAuth\(\) must be an object with pass/,
    ],
    [{ users: ["a"] }, /option users/],
    [{ users: { ann: "" } }, /option users/],
    [{ users: { "": "x" } }, /option users/],
    [{ users: { "a:b": "x" } }, /names without a colon/],
    [{ users: { ann: 7 } }, /option users/],
    [{ users: { ann: process.env.NO_SUCH_VARIABLE } }, /option users/],
    [{ verify: true }, /option verify of basicAuth\(\) must be a function/],
    [{ users: { a: "b" }, realm: "a\r\nb" }, /option realm/],
    [{ users: { a: "b" }, realm: "→" }, /must be a text of Latin-1/],
  ];
  for (const [options, message] of refused) {
    it(`with ${JSON.stringify(options)}`, () => {
      const make = () => basicAuth(options as BasicAuthOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }
});
