import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import {
  type BearerAuthOptions,
  bearerAuth,
} from "../../../../src/worker/middleware/authentication/bearer-auth.ts";

const TOKEN = "mF_9.B5f-4.1JqM";
const OTHER = "dGhlIG90aGVyIG9uZQ==";

function asking(authorization?: string | readonly string[]): HttpRequest {
  const headers: Record<string, string | readonly string[]> = {};
  if (authorization !== undefined) headers.Authorization = authorization;
  return new HttpRequest({ headers, target: "/?access_token=mF_9.B5f-4.1JqM" });
}

describe("bearer authentication", () => {
  const auth = bearerAuth({
    realm: "api",
    tokens: { metrics: TOKEN, deploy: OTHER },
  });

  /** Status and challenge of the answer, in the same tick. */
  function answerTo(authorization?: string | readonly string[]) {
    const answer = auth(asking(authorization), () => ok("in"));
    assert.ok(answer instanceof HttpResponse, "in the same tick");
    return [answer.status, answer.headers.get("WWW-Authenticate")];
  }

  it("RFC 6750 §2.1 lets in who has a token", () => {
    assert.deepEqual(answerTo(`Bearer ${TOKEN}`), [200, undefined]);
    assert.deepEqual(answerTo(`bearer  ${OTHER}`), [200, undefined]);
  });

  it("tells handlers whose token it is", async () => {
    const app = new App().use(auth);
    app.get("/", ({ context }) => ok(context.need(auth.user)));
    const answer = await app.handle(asking(`Bearer ${OTHER}`));
    assert.equal(answer.body, "deploy");
  });

  it("§3.1 names no error to who has sent no token", () => {
    const challenge = [401, 'Bearer realm="api"'];
    assert.deepEqual(answerTo(), challenge);
    assert.deepEqual(answerTo("Basic YTpi"), challenge);
    assert.deepEqual(answerTo("Bearers x"), challenge);
  });

  it("§3.1 invalid_token: another token", () => {
    const challenge =
      'Bearer realm="api", error="invalid_token", ' +
      'error_description="the token is not valid"';
    for (const token of [
      "x",
      `${TOKEN}A`,
      TOKEN.slice(1),
      OTHER.slice(0, -2),
    ]) {
      assert.deepEqual(answerTo(`Bearer ${token}`), [401, challenge], token);
    }
  });

  it("§3.1 invalid_request: what has not the form of a token", () => {
    const challenge =
      'Bearer realm="api", error="invalid_request", ' +
      'error_description="the field Authorization has no bearer token"';
    const fields = [
      "Bearer",
      "Bearer a b",
      'Bearer "a"',
      `Bearer =${TOKEN}`,
      [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`],
    ];
    for (const field of fields) {
      assert.deepEqual(answerTo(field), [400, challenge], String(field));
    }
  });

  it("lets nobody behind it run where it refuses", () => {
    for (const field of [undefined, "Bearer x", "Bearer"]) {
      const request = asking(field);
      auth(request, () => assert.fail("got in"));
      assert.equal(request.context.has(auth.user), false);
    }
  });

  it("takes a list of tokens, named by their place", async () => {
    const list = bearerAuth({ tokens: [TOKEN, OTHER] });
    const request = asking(`Bearer ${OTHER}`);
    assert.equal((await list(request, () => ok())).status, 200);
    assert.equal(request.context.need(list.user), "1");
  });
});

describe("bearer authentication with a function", () => {
  interface Client {
    readonly id: number;
  }
  const clients = new Map<string, Client>([[TOKEN, { id: 7 }]]);

  it("makes what it gives the user, now or later", async () => {
    const now = bearerAuth({ verify: (token) => clients.get(token) });
    const later = bearerAuth({ verify: async (token) => clients.get(token) });
    for (const auth of [now, later]) {
      const app = new App().use(auth);
      app.get("/", ({ context }) => ok({ id: context.need(auth.user).id }));
      const answer = await app.handle(asking(`Bearer ${TOKEN}`));
      assert.equal(answer.body, '{"id":7}');
      const refusal = await app.handle(asking("Bearer x"));
      assert.equal(refusal.status, 401);
    }
  });

  it("is not asked about what is no token", async () => {
    const auth = bearerAuth({ verify: () => assert.fail("asked") });
    assert.equal((await auth(asking("Bearer {}"), () => ok())).status, 400);
  });
});

describe("bearerAuth() is refused at start", () => {
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [null, /the options of bearerAuth\(\) must be an object/],
    [{}, /bearerAuth\(\) needs "tokens" or "verify"$/],
    [{ tokens: [] }, /option tokens of bearerAuth\(\) must be an object with/],
    [{ tokens: [process.env.NO_SUCH_VARIABLE] }, /option tokens/],
    [{ tokens: "secret" }, /or a list of them/],
    [{ tokens: { a: "two words" } }, /a token has letters, digits/],
    [{ token: "a" }, /no option "token"/],
    [{ tokens: ["a"], verify: () => 1 }, /one of them only/],
  ];
  for (const [options, message] of refused) {
    it(`with ${JSON.stringify(options)}`, () => {
      const make = () => bearerAuth(options as BearerAuthOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }
});
