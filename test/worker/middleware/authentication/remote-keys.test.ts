import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpError } from "../../../../src/worker/http/http-error.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import { jwt } from "../../../../src/worker/middleware/authentication/jwt.ts";
import { jwksServer } from "../jwks-server.ts";
import {
  AUDIENCE,
  ec,
  INVALID,
  ISSUER,
  type Pair,
  rsa,
  rules,
  SECRET,
  secretToken,
  tokenOf,
  verify,
  withToken,
} from "../tokens.ts";

describe("jwt() with the keys of a URL", () => {
  it("asks once for many tokens, and not at start", async (test) => {
    const server = await jwksServer(test, [rsa.jwk, ec.jwk]);
    const auth = jwt({ jwksUrl: server.url, ...rules });
    assert.equal(server.count, 0);
    const tokens = await Promise.all([rsa, ec, rsa, ec].map((p) => tokenOf(p)));
    const answers = await Promise.all(
      tokens.map((token) => auth(withToken(token), () => ok())),
    );
    for (const { status } of answers) assert.equal(status, 200);
    assert.equal(server.count, 1);
  });

  it("asks again for a key that is new, once in a cooldown", async (test) => {
    const server = await jwksServer(test, [rsa.jwk]);
    const auth = (jwksCooldownMs: number) =>
      jwt({ jwksUrl: server.url, jwksCooldownMs, ...rules });
    const status = async (middleware: ReturnType<typeof auth>, pair: Pair) =>
      (await middleware(withToken(await tokenOf(pair)), () => ok())).status;

    const eager = auth(0);
    assert.equal(await status(eager, rsa), 200);
    server.answer = { status: 200, content: { keys: [ec.jwk] } };
    assert.equal(await status(eager, ec), 200);
    assert.equal(await status(eager, rsa), 401, "its key was withdrawn");

    const calm = auth(30_000);
    assert.equal(await status(calm, ec), 200);
    const { count } = server;
    for (let index = 0; index < 5; index++) {
      assert.equal(await status(calm, rsa), 401);
    }
    assert.equal(server.count, count, "unknown keys made it ask");
  });

  it("asks again when the keys are old", async (test) => {
    const server = await jwksServer(test, [rsa.jwk]);
    const auth = jwt({ jwksUrl: server.url, jwksCacheMs: 0, ...rules });
    const token = await tokenOf(rsa);
    for (const count of [1, 2, 3]) {
      assert.equal((await auth(withToken(token), () => ok())).status, 200);
      assert.equal(server.count, count);
    }
  });

  const failures: readonly (readonly [string, number, unknown])[] = [
    ["an error", 500, "{}"],
    ["a redirect", 302, { keys: [rsa.jwk] }],
    ["no JSON", 200, "<html>"],
    ["no key set", 200, { key: 1 }],
  ];
  for (const [what, status, content] of failures) {
    it(`answers 503 where it gets ${what}, and rests a while`, async (test) => {
      const server = await jwksServer(test, []);
      server.answer = { status, content };
      const auth = jwt({ jwksUrl: server.url, ...rules });
      const token = await tokenOf(rsa);
      for (let index = 0; index < 3; index++) {
        await assert.rejects(
          async () => auth(withToken(token), () => assert.fail("got in")),
          (error) => {
            assert.ok(error instanceof HttpError);
            assert.equal(error.status, 503);
            assert.ok(error.cause instanceof Error);
            return true;
          },
        );
      }
      assert.equal(server.count, 1);
    });
  }

  it("answers 503 where it gets no answer in time", async (test) => {
    const server = await jwksServer(test, [rsa.jwk]);
    server.answer.status = 0;
    const auth = jwt({ jwksUrl: server.url, jwksTimeoutMs: 50, ...rules });
    const token = await tokenOf(rsa);
    const ask = async () => auth(withToken(token), () => ok());
    await assert.rejects(ask, { status: 503 });
    assert.equal(server.count, 1);
  });

  it("never uses a secret that the URL gives", async (test) => {
    const k = Buffer.from(SECRET).toString("base64url");
    const server = await jwksServer(test, [{ kty: "oct", kid: "s", k }]);
    const options = { jwksUrl: server.url, ...rules };
    const token = await secretToken({ iss: ISSUER, aud: AUDIENCE });
    assert.deepEqual(await verify(options, token), INVALID);
  });
});
