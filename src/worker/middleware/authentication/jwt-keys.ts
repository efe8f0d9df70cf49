import { createPublicKey, createSecretKey, KeyObject } from "node:crypto";
import type { JWTVerifyGetKey } from "jose";
import { checkOneOf } from "./authentication.ts";
import {
  algorithmsOfKey,
  algorithmsOfKeySet,
  algorithmsOfSecret,
  type JwtAlgorithm,
} from "./jwt-algorithms.ts";
import type { JwtOptions } from "./jwt-options.ts";
import { once } from "./once.ts";
import { remoteKeys } from "./remote-keys.ts";

/** Key lookup, and the algorithms that the keys may be used with. */
export interface JwtKeys {
  readonly algorithms: readonly JwtAlgorithm[];
  readonly find: () => Promise<JWTVerifyGetKey>;
}

/**
 * A public key never verifies an HMAC: otherwise anyone could sign a token with
 * the public key as the secret (RFC 8725 §2.1).
 *
 * @throws TypeError unless exactly one source of valid keys is given
 */
export function jwtKeys<Claims>(options: JwtOptions<Claims>): JwtKeys {
  const { jwksUrl, jwks, publicKey, secret, algorithms } = options;
  checkOneOf("jwt()", { jwksUrl, jwks, publicKey, secret });
  if (secret !== undefined) {
    const bytes = secretBytes(secret);
    const key = createSecretKey(bytes);
    return {
      algorithms: algorithmsOfSecret(algorithms, bytes.length),
      find: once(async () => () => key),
    };
  }
  if (publicKey !== undefined) {
    const key = publicKeyOf(publicKey);
    return {
      algorithms: algorithmsOfKey(algorithms, key),
      find: once(async () => () => key),
    };
  }
  if (jwks !== undefined) checkKeySet(jwks);
  const fetched = jwksUrl === undefined ? undefined : remoteKeys(options);
  return {
    algorithms: algorithmsOfKeySet(algorithms),
    find: once(async () => {
      const { createLocalJWKSet } = await import("jose");
      return fetched?.() ?? createLocalJWKSet(jwks as { keys: object[] });
    }),
  };
}

function secretBytes(secret: unknown): Buffer {
  const isText = typeof secret === "string";
  if (!isText && !(secret instanceof Uint8Array)) {
    throw new TypeError("option secret of jwt() must be a text or bytes");
  }
  const bytes = Buffer.from(secret as string);
  if (bytes.includes("-----BEGIN ")) {
    throw new TypeError(
      "option secret of jwt() is a key in PEM: it belongs into publicKey",
    );
  }
  return bytes;
}

function publicKeyOf(given: unknown): KeyObject {
  const rule = "option publicKey of jwt() must be a public key";
  if (given instanceof KeyObject) {
    if (given.type === "public") return given;
    throw new TypeError(`${rule}, not a ${given.type} one`);
  }
  if (typeof given !== "string" && !(given instanceof Uint8Array)) {
    throw new TypeError(`${rule} as PEM or KeyObject`);
  }
  const pem = Buffer.from(given as string);
  if (pem.includes("PRIVATE KEY-----")) {
    throw new TypeError(`${rule}, not a private one, which makes tokens`);
  }
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new TypeError(`${rule} as PEM`, { cause });
  }
}

function checkKeySet(jwks: unknown): void {
  const keys = (jwks as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new TypeError("option jwks of jwt() must be { keys: [...] }");
  }
  for (const [index, key] of keys.entries()) {
    const { kty, d } = Object(key) as { kty?: unknown; d?: unknown };
    if (typeof kty === "string" && kty !== "oct" && d === undefined) continue;
    throw new TypeError(
      `key ${index} in option jwks of jwt() is not a public key as JWK`,
    );
  }
}
