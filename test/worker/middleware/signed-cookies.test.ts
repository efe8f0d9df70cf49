import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import {
  type SignedCookiesOptions,
  signedCookies,
} from "../../../src/worker/middleware/signed-cookies.ts";

const KEY = "an old key, which has 32 bytes or more";
const NEW_KEY = "a new key, which also has 32 bytes or more";
const signed = signedCookies({ keys: [KEY] });

/** The cookie as a client would send it back: "name=value". */
function pairOf(cookies: typeof signed, name: string, value: string): string {
  const field = cookies.set(ok(), name, value).headers.get("Set-Cookie") ?? "";
  return field.slice(0, field.indexOf(";"));
}

function requestWith(pair: string): HttpRequest {
  return new HttpRequest({ headers: { Cookie: pair } });
}

describe("signed cookies", () => {
  it("come back as they were set", () => {
    for (const value of ["u7", "", "a.b", "é; x=1", "."]) {
      const pair = pairOf(signed, "session", value);
      assert.equal(signed.get(requestWith(pair), "session"), value);
    }
  });

  // printf 'session=u7' | openssl dgst -sha256 -hmac 'an old key, …' -binary
  it("have an HMAC-SHA-256 of name and value behind the value", () => {
    const pair = pairOf(signed, "session", "u7");
    assert.equal(
      pair,
      "session=u7.PgeZL47C-xMuC-Sjx60LkeOBJaAQVHTLAhOUVC8yfvE",
    );
  });

  it("have the attributes of other cookies", () => {
    const response = signed.set(ok("x"), "id", "7", { maxAgeSeconds: 60 });
    assert.equal(response.body, "x");
    assert.match(
      response.headers.get("Set-Cookie") ?? "",
      /^id=7\.[\w-]{43}; Max-Age=60; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
  });

  it("are not there where there are none", () => {
    assert.equal(signed.get(new HttpRequest(), "session"), undefined);
    for (const name of ["__proto__", "constructor"]) {
      assert.equal(signed.get(new HttpRequest(), name), undefined);
    }
  });

  it("are not there where anything was changed", () => {
    const pair = pairOf(signed, "session", "u7");
    const [, signature = ""] = pair.split(".");
    const changed = [
      `session=u8.${signature}`,
      `session=u7.${signature}x`,
      `session=u7.${signature.slice(0, -1)}`,
      `session=u7.${"A".repeat(43)}`,
      "session=u7.",
      "session=u7",
      `session=.${signature}`,
      `session=${signature}`,
    ];
    for (const one of changed) {
      assert.equal(signed.get(requestWith(one), "session"), undefined, one);
    }
  });

  it("have one form of signature only", () => {
    // The last of 43 characters has two bits that say nothing.
    const pair = pairOf(signed, "session", "u7");
    const alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const accepted = [...alphabet].filter((last) => {
      const one = pair.slice(0, -1) + last;
      return signed.get(requestWith(one), "session") === "u7";
    });
    assert.deepEqual(accepted, [pair.slice(-1)]);
  });

  it("do not pass for those of another name", () => {
    const value = pairOf(signed, "theme", "u7").slice("theme=".length);
    const request = requestWith(`session=${value}`);
    assert.equal(signed.get(request, "session"), undefined);
    const shifted = pairOf(signed, "a", "b=c").slice("a=".length);
    const request2 = requestWith(`a=${shifted.replace("b=", "")}`);
    assert.equal(signed.get(request2, "a"), undefined);
  });

  it("of an old key are good while it is in the list", () => {
    const old = pairOf(signed, "session", "u7");
    const both = signedCookies({ keys: [NEW_KEY, KEY] });
    const fresh = signedCookies({ keys: [Buffer.from(NEW_KEY)] });
    assert.equal(both.get(requestWith(old), "session"), "u7");
    assert.equal(fresh.get(requestWith(old), "session"), undefined);
    const renewed = pairOf(both, "session", "u7");
    assert.equal(fresh.get(requestWith(renewed), "session"), "u7");
  });
});

describe("signedCookies() is refused at start", () => {
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /the options of signedCookies\(\) must be an object/],
    [{}, /signedCookies\(\) needs a key/],
    [{ keys: [] }, /needs a key in the option keys/],
    [{ keys: ["secret"] }, /a list of secrets, 32 bytes or more each/],
    [{ keys: [KEY, undefined] }, /a list of secrets/],
    [{ keys: KEY }, /a list of secrets/],
    [{ secret: KEY }, /no option "secret"; the options are keys/],
  ];
  for (const [options, message] of refused) {
    it(`with ${JSON.stringify(options)}`, () => {
      const make = () => signedCookies(options as SignedCookiesOptions);
      assert.throws(make, { name: "TypeError", message });
    });
  }
});
