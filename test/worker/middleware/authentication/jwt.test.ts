import assert from "node:assert/strict";
import { KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import { SignJWT, UnsecuredJWT } from "jose";
import { App } from "../../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../../src/worker/http/http-response.ts";
import { ok } from "../../../../src/worker/http/response-helpers.ts";
import { jwt } from "../../../../src/worker/middleware/authentication/jwt.ts";
import type { JwtOptions } from "../../../../src/worker/middleware/authentication/jwt-options.ts";
import {
  AUDIENCE,
  EXPIRED,
  ec,
  edwards,
  INVALID,
  ISSUER,
  inSeconds,
  keyPair,
  keySet,
  MINUTE,
  NOT_FOR_THIS,
  OTHER_AUDIENCE,
  rsa,
  rules,
  SECRET,
  secretToken,
  stranger,
  tokenOf,
  VALID,
  verify,
  withToken,
} from "../tokens.ts";

describe("jwt()", () => {
  it("gives handlers the claims", async () => {
    const auth = jwt(keySet);
    const app = new App().use(auth);
    app.get("/", ({ context }) => {
      const { sub = "nobody", role } = context.need(auth.claims);
      return ok({ sub, role });
    });
    const token = await tokenOf(rsa, { role: "rider" });
    const answer = await app.handle(withToken(token));
    assert.equal(answer.body, '{"sub":"ann","role":"rider"}');
  });

  it("gives handlers what verify makes of them, by its type", async () => {
    const auth = jwt({
      ...keySet,
      verify: ({ sub }) => (sub ? { id: sub.length } : undefined),
    });
    const app = new App().use(auth);
    app.get("/", ({ context }) => ok(context.need(auth.claims).id.toFixed(1)));
    const answer = await app.handle(withToken(await tokenOf(rsa)));
    assert.equal(answer.body, "3.0");
    const nobody = await tokenOf(rsa, { sub: undefined });
    assert.equal((await app.handle(withToken(nobody))).status, 401);
  });

  it("waits for a verify that is async", async () => {
    for (const [found, status] of [
      ["ann", 200],
      [null, 401],
    ] as const) {
      const auth = jwt({ ...keySet, verify: async () => found });
      const answer = await auth(withToken(await tokenOf(ec)), () => ok());
      assert.equal(answer.status, status);
    }
  });

  it("RFC 6750 §3.1 challenges in the same tick where there is no token", () => {
    const auth = jwt({ ...keySet, realm: "api" });
    const answer = auth(new HttpRequest(), () => assert.fail("got in"));
    assert.ok(answer instanceof HttpResponse);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("WWW-Authenticate"), 'Bearer realm="api"');
    const headers = { Authorization: "Bearer" };
    const malformed = auth(new HttpRequest({ headers }), () => ok());
    assert.ok(malformed instanceof HttpResponse);
    assert.equal(malformed.status, 400);
  });

  it("§3.1 insufficient_scope: 403 where a scope is missing", async () => {
    const options = { ...keySet, requiredScopes: ["read", "write"] };
    const has = async (scope: unknown) =>
      jwt(options)(withToken(await tokenOf(rsa, { scope })), () => ok());
    assert.equal((await has("write admin read")).status, 200);
    for (const scope of [undefined, "", "read", "reads write", ["read"], 7]) {
      const answer = await has(scope);
      assert.equal(answer.status, 403, String(scope));
      assert.equal(
        answer.headers.get("WWW-Authenticate"),
        'Bearer realm="Restricted", error="insufficient_scope", ' +
          'error_description="the token does not allow this", ' +
          'scope="read write"',
      );
    }
  });
});

describe("the keys of jwt()", () => {
  it("may be a set with several kinds", async () => {
    for (const pair of [rsa, ec, edwards]) {
      assert.deepEqual(await verify(keySet, await tokenOf(pair)), VALID);
    }
  });

  it("may be one public key, as PEM or KeyObject", async () => {
    for (const pair of [rsa, ec, edwards]) {
      const token = await tokenOf(pair);
      const publicKey = KeyObject.from(pair.publicKey as never);
      assert.deepEqual(await verify({ publicKey, ...rules }, token), VALID);
      const { pem } = pair;
      assert.deepEqual(
        await verify({ publicKey: pem, ...rules }, token),
        VALID,
      );
    }
  });

  it("may be a secret", async () => {
    const token = await secretToken();
    assert.deepEqual(await verify({ secret: SECRET }, token), VALID);
    const secret = Buffer.from(SECRET);
    assert.deepEqual(await verify({ secret }, token), VALID);
    const other = await secretToken({}, "HS256", SECRET.toUpperCase());
    assert.deepEqual(await verify({ secret }, other), INVALID);
  });

  it("are tried in turn where the token names none", async () => {
    const twin = await keyPair("RS256", "twin");
    const jwks = { keys: [twin.jwk, rsa.jwk] };
    const nameless = await tokenOf(rsa, {}, { kid: undefined });
    assert.deepEqual(await verify({ jwks, ...rules }, nameless), VALID);
    const strange = await tokenOf(stranger, {}, { kid: undefined });
    assert.deepEqual(await verify({ jwks, ...rules }, strange), INVALID);
    const expired = await tokenOf(
      rsa,
      { exp: inSeconds(-MINUTE) },
      { kid: undefined },
    );
    assert.deepEqual(await verify({ jwks, ...rules }, expired), EXPIRED);
  });
});

describe("jwt() refuses", () => {
  it("a token of another key, also of the same name", async () => {
    const token = await tokenOf(stranger);
    assert.deepEqual(await verify(keySet, token), INVALID);
    const unknown = await tokenOf(rsa, {}, { kid: "unknown" });
    assert.deepEqual(await verify(keySet, unknown), INVALID);
  });

  it("a token with anything changed", async () => {
    const token = await tokenOf(rsa);
    const [head = "", , signature = ""] = token.split(".");
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: "eve", exp: 9e9 };
    const changed = [
      head,
      Buffer.from(JSON.stringify(claims)).toString("base64url"),
      signature,
    ].join(".");
    assert.deepEqual(await verify(keySet, changed), INVALID);
    const unsigned = token.slice(0, token.lastIndexOf(".") + 1);
    for (const bad of [unsigned, head, `${token}.x`, "....", "x.y.z"]) {
      assert.deepEqual(await verify(keySet, bad), INVALID, bad);
    }
  });

  it("RFC 8725 §2.1 the algorithm none, in any case", async () => {
    const claims = { sub: "ann", iss: ISSUER, aud: AUDIENCE };
    const unsecured = new UnsecuredJWT(claims).setExpirationTime("1h").encode();
    const [, payload] = unsecured.split(".");
    const tokens = ["none", "None", "nOnE"].map((alg) => {
      const head = Buffer.from(JSON.stringify({ alg })).toString("base64url");
      return `${head}.${payload}.`;
    });
    for (const token of [unsecured, ...tokens]) {
      const every: readonly JwtOptions<unknown>[] = [
        { secret: SECRET },
        keySet,
        { publicKey: rsa.pem, ...rules },
      ];
      for (const options of every) {
        assert.deepEqual(await verify(options, token), INVALID);
      }
    }
  });

  it("RFC 8725 §2.1 a token signed with the public key as secret", async () => {
    const der = KeyObject.from(rsa.publicKey as never);
    const secrets = [
      rsa.pem,
      rsa.pem.trim(),
      `${rsa.pem.trim()}\n`,
      JSON.stringify(rsa.jwk),
      der.export({ format: "der", type: "spki" }).toString("latin1"),
    ];
    for (const secret of secrets) {
      const claims = { iss: ISSUER, aud: AUDIENCE };
      for (const alg of ["HS256", "HS512"]) {
        const token = await secretToken(claims, alg, secret);
        assert.deepEqual(await verify(keySet, token), INVALID);
        const options = { publicKey: rsa.pem, ...rules };
        assert.deepEqual(await verify(options, token), INVALID);
      }
    }
  });

  it("RFC 8725 §3.1 an algorithm that is not in the list", async () => {
    const options = { ...keySet, algorithms: ["ES256"] as const };
    assert.deepEqual(await verify(options, await tokenOf(ec)), VALID);
    assert.deepEqual(await verify(options, await tokenOf(rsa)), INVALID);
    const longer = await secretToken({}, "HS512", SECRET.repeat(2));
    const secret = SECRET.repeat(2);
    assert.deepEqual(await verify({ secret }, longer), INVALID);
  });

  it("a key that the token brings itself", async () => {
    const jwk = stranger.jwk as never;
    const token = await tokenOf(stranger, {}, { jwk, kid: "mine" });
    assert.deepEqual(await verify(keySet, token), INVALID);
    const jku = { jku: "http://127.0.0.1:1/keys", kid: "mine" };
    const remote = await tokenOf(stranger, {}, jku);
    assert.deepEqual(await verify(keySet, remote), INVALID);
  });

  it("RFC 7515 §4.1.11 extensions that it does not know", async () => {
    const token = await new SignJWT({ exp: inSeconds(MINUTE) })
      .setProtectedHeader({ alg: "HS256", crit: ["x"], x: 1 })
      .sign(Buffer.from(SECRET), { crit: { x: true } });
    assert.deepEqual(await verify({ secret: SECRET }, token), INVALID);
  });

  it("RFC 7519 §4.1.4 an expired token, with tolerance for clocks", async () => {
    const late = await tokenOf(rsa, { exp: inSeconds(-MINUTE) });
    assert.deepEqual(await verify(keySet, late), EXPIRED);
    const options = { ...keySet, clockToleranceMs: 2 * MINUTE * 1000 };
    assert.deepEqual(await verify(options, late), VALID);
  });

  it("§4.1.4 a token that never expires, unless that is wanted", async () => {
    const token = await tokenOf(rsa, { exp: undefined });
    assert.deepEqual(await verify(keySet, token), NOT_FOR_THIS);
    const options = { ...keySet, requiredClaims: [] };
    assert.deepEqual(await verify(options, token), VALID);
  });

  it("§4.1.5 a token that is not valid yet", async () => {
    const early = await tokenOf(rsa, { nbf: inSeconds(MINUTE) });
    assert.deepEqual(await verify(keySet, early), NOT_FOR_THIS);
  });

  it("§4.1.6 a token that is too old", async () => {
    const options = { ...keySet, maxAgeMs: MINUTE * 1000 };
    const old = await tokenOf(rsa, { iat: inSeconds(-2 * MINUTE) });
    assert.deepEqual(await verify(options, old), EXPIRED);
    const fresh = await tokenOf(rsa, { iat: inSeconds(-1) });
    assert.deepEqual(await verify(options, fresh), VALID);
    const ageless = await tokenOf(rsa);
    assert.deepEqual(await verify(options, ageless), NOT_FOR_THIS);
  });

  it("§4.1.1 another issuer", async () => {
    for (const iss of ["https://evil.example", `${ISSUER}/`, undefined]) {
      const token = await tokenOf(rsa, { iss });
      assert.deepEqual(await verify(keySet, token), NOT_FOR_THIS);
    }
    const options = { ...keySet, issuer: ["https://other.example", ISSUER] };
    assert.deepEqual(await verify(options, await tokenOf(rsa)), VALID);
  });

  it("§4.1.3 another audience, also where it has none itself", async () => {
    for (const aud of ["https://other.example", [], undefined]) {
      const token = await tokenOf(rsa, { aud });
      assert.deepEqual(await verify(keySet, token), NOT_FOR_THIS);
    }
    const several = await tokenOf(rsa, { aud: ["x", AUDIENCE] });
    assert.deepEqual(await verify(keySet, several), VALID);
    const { jwks } = keySet;
    assert.deepEqual(await verify({ jwks }, several), OTHER_AUDIENCE);
    const open = await tokenOf(rsa, { aud: undefined });
    assert.deepEqual(await verify({ jwks }, open), VALID);
  });

  it("RFC 8725 §3.11 another type where one is wanted", async () => {
    const options = { ...keySet, typ: "at+jwt" };
    const access = await tokenOf(rsa, {}, { typ: "at+jwt" });
    assert.deepEqual(await verify(options, access), VALID);
    const id = await tokenOf(rsa, {}, { typ: "JWT" });
    assert.deepEqual(await verify(options, id), NOT_FOR_THIS);
  });
});
