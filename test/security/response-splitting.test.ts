/**
 * What gets into a head of an answer from outside: places to redirect to, names
 * of files, cookies, realms. Whatever is sent, over a real socket there is one
 * answer, without a line that nobody has written (RFC 9110 §5.5, CWE-113).
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setProcessLogger } from "../../src/shared/logging/logger.ts";
import { App } from "../../src/worker/app/app.ts";
import { HttpError } from "../../src/worker/http/http-error.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { ResponseBuilder } from "../../src/worker/http/response-builder.ts";
import {
  created,
  methodNotAllowed,
  noContent,
  ok,
  problem,
  redirect,
  stream,
  unauthorized,
} from "../../src/worker/http/response-helpers.ts";
import { basicAuth } from "../../src/worker/middleware/authentication/basic-auth.ts";
import { signedCookies } from "../../src/worker/middleware/signed-cookies.ts";
import { memoryLogger } from "../worker/memory-logger.ts";
import { askRaw, rawRequest } from "./ask-raw.ts";

const INJECTED = "X-Injected: 1\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK";

/** Line ends, in all the ways in which one may be meant. */
const BREAKS: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\r\n ",
  "\n\t",
  "\0\r\n",
  "\v",
  "\f",
  "\x85",
  "\u2028",
  "\u2029",
  // Their last bytes are CR and LF, if somebody cut the others off.
  "\u010d\u010a",
  "\u560d\u560a",
  "%0d%0a",
  "\\r\\n",
  '"\r\n',
  "; Domain=evil.example\r\n",
];

async function* noBytes() {}

const signed = signedCookies({ keys: ["0123456789abcdef0123456789abcdef"] });

/** Where a text from outside may end in the head. */
const SINKS: Readonly<
  Record<string, (text: string, request: HttpRequest) => unknown>
> = {
  "a redirect": (text) => redirect(text),
  "the location of what was created": (text) => created({}, text),
  "a field of a response": (text) => ok().with("X-Text", text),
  "a field that is added": (text) => {
    const response = ok();
    response.headers.append("X-Text", text);
    return response;
  },
  "the name of a field": (text) => ok().with(text, "x"),
  "fields at its making": (text) =>
    new HttpResponse("", { headers: { "X-Text": text } }),
  "fields at its making, as pairs": (text) =>
    new HttpResponse("", { headers: [["X-Text", text]] }),
  "a field of a builder": (text) =>
    new ResponseBuilder().header("X-Text", text).empty(),
  "a reason": (text) => new HttpResponse("", { reason: text }),
  "a type of content": (text) => stream(noBytes(), text),
  "a challenge": (text) => unauthorized(text),
  "a list of methods": (text) => methodNotAllowed([text]),
  "a detail of a problem": (text) => problem(400, text),
  "a field of an error": (text) => {
    throw new HttpError(503, text, { headers: { "Retry-After": text } });
  },
  "a cookie's name": (text) => ok().setCookie(text, "x"),
  "a cookie's value": (text) => ok().setCookie("a", text),
  "a cookie's path": (text) => ok().setCookie("a", "b", { path: `/${text}` }),
  "a cookie's domain": (text) => ok().setCookie("a", "b", { domain: text }),
  "a cookie's site": (text) =>
    ok().setCookie("a", "b", { sameSite: text as "lax" }),
  "a cookie that is deleted": (text) => ok().deleteCookie(text),
  "a signed cookie": (text) => signed.set(ok(), "a", text),
  "a realm": (text, request) =>
    basicAuth({ realm: text, users: { a: "b" } })(request, () => noContent()),
};

describe("a text with line ends and fields in it", () => {
  before(() => setProcessLogger(memoryLogger().logger));

  for (const [where, sink] of Object.entries(SINKS)) {
    it(`does not split the answer as ${where}`, async () => {
      const app = new App().get("/", (request) => {
        const text = request.query.get("text") ?? "";
        return sink(text, request) as HttpResponse;
      });
      const texts = BREAKS.map((end) => `here${end}${INJECTED}`);
      const requests = texts.map((text) =>
        rawRequest("GET", `/?text=${encodeURIComponent(text)}`),
      );
      const answers = await askRaw(app, requests);
      for (const [index, answer] of answers.entries()) {
        const shown = JSON.stringify(texts[index]);
        assert.equal(answer.count, 1, shown);
        const names = answer.fields.map(([name]) => name.toLowerCase());
        assert.ok(!names.includes("x-injected"), shown);
        const [head = ""] = answer.raw.toString("latin1").split("\r\n\r\n");
        assert.ok(!hasControl(head.replaceAll("\r\n", "")), shown);
        assert.ok(!/\r\nX-Injected/i.test(head), shown);
      }
    });
  }

  it("does not add an attribute to a cookie", async () => {
    const app = new App().get("/", ({ query }) =>
      ok().setCookie("a", query.get("text") ?? ""),
    );
    const text = encodeURIComponent("b; Domain=evil.example; Path=/x");
    const [answer] = await askRaw(app, [rawRequest("GET", `/?text=${text}`)]);
    const cookie = new Map(answer?.fields).get("Set-Cookie");
    assert.equal(
      cookie,
      "a=b%3B%20Domain=evil.example%3B%20Path=/x; Path=/; Secure; " +
        "HttpOnly; SameSite=Lax",
    );
  });
});

function hasControl(text: string): boolean {
  return [...text].some((one) => one < " " && one !== "\t");
}
