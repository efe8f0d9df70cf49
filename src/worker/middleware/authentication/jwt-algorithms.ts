import type { KeyObject } from "node:crypto";

/**
 * Signature algorithms of RFC 7518 §3.1, RFC 8037 and RFC 9864, without
 * "none".
 */
export type JwtAlgorithm = SecretAlgorithm | KeyAlgorithm;

type SecretAlgorithm = "HS256" | "HS384" | "HS512";
type KeyAlgorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA"
  | "Ed25519";

/** RFC 7518 §3.2: a secret is at least as long as the hash. */
const SECRET_BYTES: Readonly<Record<SecretAlgorithm, number>> = {
  HS256: 32,
  HS384: 48,
  HS512: 64,
};
const RSA: readonly KeyAlgorithm[] = ["RS256", "RS384", "RS512"];
const RSA_PSS: readonly KeyAlgorithm[] = ["PS256", "PS384", "PS512"];
const EDWARDS: readonly KeyAlgorithm[] = ["EdDSA", "Ed25519"];
const OF_CURVE: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};
const ALL: readonly string[] = [
  ...Object.keys(SECRET_BYTES),
  ...RSA,
  ...RSA_PSS,
  ...Object.values(OF_CURVE),
  ...EDWARDS,
];

/** Default for key sets, which contain keys of several kinds. */
const USUAL: readonly KeyAlgorithm[] = ["RS256", "PS256", "ES256", ...EDWARDS];
const MIN_RSA_BITS = 2048;

export function areJwtAlgorithms(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((one) => ALL.includes(one));
}

export const JWT_ALGORITHMS = `a list of ${ALL.join(", ")}`;

type Wanted = readonly JwtAlgorithm[] | undefined;

/** @throws TypeError for an unfit algorithm, or if the secret is too short */
export function algorithmsOfSecret(
  wanted: Wanted,
  secretBytes: number,
): readonly JwtAlgorithm[] {
  const algorithms = fitting(wanted, ["HS256"], {
    fit: Object.keys(SECRET_BYTES),
    what: "a secret",
  });
  for (const algorithm of algorithms as readonly SecretAlgorithm[]) {
    const bytes = SECRET_BYTES[algorithm];
    if (secretBytes >= bytes) continue;
    throw new TypeError(
      `jwt(): the secret has ${secretBytes} bytes, but ${algorithm} needs ` +
        `${bytes} or more (RFC 7518 §3.2)`,
    );
  }
  return algorithms;
}

/** @throws TypeError for an algorithm that needs a secret */
export function algorithmsOfKeySet(wanted: Wanted): readonly JwtAlgorithm[] {
  const fit = ALL.filter((name) => !Object.hasOwn(SECRET_BYTES, name));
  return fitting(wanted, USUAL, { fit, what: "public keys" });
}

/** @throws TypeError for an algorithm that does not fit the key */
export function algorithmsOfKey(
  wanted: Wanted,
  key: KeyObject,
): readonly JwtAlgorithm[] {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails } = key;
  const bits = asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) {
    throw new TypeError(
      `jwt(): the RSA key has ${bits} bits, but must have ${MIN_RSA_BITS} or ` +
        "more (RFC 7518 §3.3)",
    );
  }
  const curve = asymmetricKeyDetails?.namedCurve;
  const fit = fittingKey(type, curve);
  const kind = curve === undefined ? type : `${type} ${curve}`;
  if (fit.length === 0) {
    throw new TypeError(`jwt(): no algorithm goes with a key of type ${kind}`);
  }
  const usual = fit.filter((name) => USUAL.includes(name));
  const what = `a key of type ${kind}`;
  return fitting(wanted, usual.length > 0 ? usual : fit, { fit, what });
}

function fittingKey(type: string, curve = ""): readonly KeyAlgorithm[] {
  switch (type) {
    case "rsa":
      return [...RSA, ...RSA_PSS];
    case "rsa-pss":
      return RSA_PSS;
    case "ed25519":
      return EDWARDS;
    default: {
      const one = type === "ec" ? OF_CURVE[curve] : undefined;
      return one ? [one] : [];
    }
  }
}

function fitting(
  wanted: Wanted,
  usual: readonly JwtAlgorithm[],
  { fit, what }: { fit: readonly string[]; what: string },
): readonly JwtAlgorithm[] {
  const wrong = wanted?.find((name) => !fit.includes(name));
  if (wrong === undefined) return wanted ?? usual;
  throw new TypeError(
    `jwt(): the algorithm ${wrong} does not go with ${what}; ` +
      `${fit.join(", ")} would`,
  );
}
