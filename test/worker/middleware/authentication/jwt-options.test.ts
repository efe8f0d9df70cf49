import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { jwt } from "../../../../src/worker/middleware/authentication/jwt.ts";
import type { JwtOptions } from "../../../../src/worker/middleware/authentication/jwt-options.ts";
import { ec, ISSUER, keySet, rsa, SECRET } from "../tokens.ts";

describe("jwt() is refused at start", () => {
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const key = { publicKey: rsa.pem };
  const url = { jwksUrl: "https://issuer.example/keys", issuer: ISSUER };
  const { privateKey } = generateKeyPairSync("ed25519");
  const x25519 = generateKeyPairSync("x25519");
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ["without options", undefined, /options of jwt\(\) must be an object/],
    [
      "without keys",
      {},
      /jwt\(\) needs "jwksUrl" or "jwks" or "publicKey" or "secret"$/,
    ],
    [
      "with two sources of keys",
      { ...key, secret: SECRET },
      /one of them only/,
    ],
    ["with an unknown option", { ...key, aud: "x" }, /no option "aud"/],
    [
      "with a short secret",
      { secret: "secret" },
      /has 6 bytes, but HS256 needs 32/,
    ],
    [
      "with a secret too short for the algorithm",
      { secret: SECRET, algorithms: ["HS512"] },
      /HS512 needs 64 or more \(RFC 7518 §3.2\)/,
    ],
    [
      "with a public key as secret",
      { secret: rsa.pem },
      /belongs into publicKey/,
    ],
    ["with a number as secret", { secret: 7 }, /must be a text or bytes/],
    [
      "with the algorithm none",
      { ...key, algorithms: ["none"] },
      /option algorithms of jwt\(\) must be a list of HS256, /,
    ],
    ["with no algorithm", { ...key, algorithms: [] }, /must be a list of/],
    [
      "with a secret's algorithm for a public key",
      { ...key, algorithms: ["RS256", "HS256"] },
      /HS256 does not go with a key of type rsa; RS256, RS384/,
    ],
    [
      "with a secret's algorithm for a key set",
      { ...keySet, algorithms: ["HS256"] },
      /HS256 does not go with public keys/,
    ],
    [
      "with a key's algorithm for a secret",
      { secret: SECRET, algorithms: ["RS256"] },
      /RS256 does not go with a secret; HS256/,
    ],
    [
      "with an algorithm of another curve",
      { publicKey: ec.pem, algorithms: ["ES384"] },
      /ES384 does not go with a key of type ec prime256v1; ES256 would/,
    ],
    ["with a private key", { publicKey: privateKey }, /not a private one/],
    [
      "with a private key as PEM",
      { publicKey: privateKey.export({ type: "pkcs8", format: "pem" }) },
      /not a private one, which makes tokens/,
    ],
    ["with a key that is none", { publicKey: "abc" }, /public key as PEM/],
    ["with a short RSA key", { publicKey: short.publicKey }, /has 1024 bits/],
    [
      "with a key that signs nothing",
      { publicKey: x25519.publicKey },
      /no algorithm goes with a key of type x25519/,
    ],
    ["with an empty key set", { jwks: { keys: [] } }, /must be { keys:/],
    [
      "with a secret in the key set",
      { jwks: { keys: [{ kty: "oct", k: "x" }] } },
      /key 0 in option jwks of jwt\(\) is not a public key/,
    ],
    [
      "with a private key in the key set",
      { jwks: { keys: [rsa.jwk, { ...rsa.jwk, d: "x" }] } },
      /key 1 in option jwks/,
    ],
    ["with a URL and no issuer", { jwksUrl: url.jwksUrl }, /needs the issuer/],
    [
      "with a URL that others could answer",
      { ...url, jwksUrl: "http://issuer.example/keys" },
      /must be an https URL/,
    ],
    [
      "with a URL that only looks local",
      { ...url, jwksUrl: "http://127.0.0.1.example/keys" },
      /must be an https URL/,
    ],
    [
      "with a relative URL",
      { ...url, jwksUrl: "/keys" },
      /a URL, not "\/keys"/,
    ],
    [
      "with a password in the URL",
      { ...url, jwksUrl: "https://a:b@issuer.example/" },
      /without a password/,
    ],
    ["with an empty issuer", { ...key, issuer: "" }, /option issuer/],
    [
      "with no audience in the list",
      { ...key, audience: [] },
      /option audience/,
    ],
    [
      "with a negative tolerance",
      { ...key, clockToleranceMs: -1 },
      /clockToleranceMs of jwt\(\) must be a whole number/,
    ],
    ["with a bad scope", { ...key, requiredScopes: ['"'] }, /a list of scopes/],
  ];
  for (const [how, options, message] of refused) {
    it(how, () => {
      const make = () => jwt(options as JwtOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }
});
