/** Runs per request with a secret: one HMAC, one comparison per secret. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Returns a function that finds the owner of a secret in constant time: it
 * compares digests under a random key, and always all of them.
 */
export function secretMatcher(
  secrets: Iterable<readonly [owner: string, secret: string]>,
): (given: string) => string | undefined {
  const key = randomBytes(32);
  const digestOf = (text: string) => {
    return createHmac("sha256", key).update(text, "utf8").digest();
  };
  const known = [...secrets].map(([owner, secret]) => {
    return { owner, digest: digestOf(secret) };
  });
  return (given) => {
    const digest = digestOf(given);
    let owner: string | undefined;
    for (const one of known) {
      if (timingSafeEqual(one.digest, digest)) owner = one.owner;
    }
    return owner;
  };
}
