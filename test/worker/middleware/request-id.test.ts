import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import {
  type RequestIdOptions,
  requestId,
} from "../../../src/worker/middleware/request-id.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** What a handler sees, and the answer. */
function exchange(
  options: RequestIdOptions | undefined,
  headers: Record<string, string> = {},
  handler: (request: HttpRequest) => HttpResponse = () => ok("it"),
) {
  const app = new App().use(requestId(options)).get("/", handler);
  const request = new HttpRequest({ headers });
  const response = app.handle(request);
  assert.ok(response instanceof HttpResponse, "in the same tick");
  return { request, response };
}

describe("requestId()", () => {
  it("gives each request an id, which the answer has", () => {
    const { request, response } = exchange(undefined);
    assert.match(request.id as string, UUID);
    assert.equal(response.headers.get("X-Request-Id"), request.id);
    assert.notEqual(exchange(undefined).request.id, request.id);
  });

  it("gives answers that are errors one, too", async () => {
    const { request, response } = exchange({}, {}, () => {
      throw new TypeError("broken");
    });
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("X-Request-Id"), request.id);
  });

  it("takes no id from who is not trusted", () => {
    const { request } = exchange({}, { "X-Request-Id": "mine" });
    assert.match(request.id as string, UUID);
  });

  it("takes the id of who is trusted", () => {
    const trust = ({ headers }: HttpRequest) => headers.has("x-proxy");
    const sent = { "X-Request-Id": "a.b-1/2+3=", "X-Proxy": "1" };
    for (const options of [{ trust }, { trust: true }]) {
      const { request, response } = exchange(options, sent);
      assert.equal(request.id, "a.b-1/2+3=");
      assert.equal(response.headers.get("X-Request-Id"), "a.b-1/2+3=");
    }
    const other = exchange({ trust }, { "X-Request-Id": "mine" });
    assert.match(other.request.id as string, UUID);
  });

  for (const id of ["", "a b", 'a"', "a,b", "<b>", "é", "a".repeat(129)]) {
    it(`takes no id as ${JSON.stringify(id.slice(0, 20))}`, () => {
      const { request } = exchange({ trust: true }, { "X-Request-Id": id });
      assert.match(request.id as string, UUID);
    });
  }

  it("may have a field and ids of your own", () => {
    const options = { header: "X-Correlation-Id", makeId: () => "7" };
    const { request, response } = exchange(options);
    assert.equal(request.id, "7");
    assert.equal(response.headers.get("X-Correlation-Id"), "7");
    assert.equal(response.headers.has("X-Request-Id"), false);
  });

  it("keeps what a handler has set itself", () => {
    const { response } = exchange({}, {}, () => {
      return ok().with("X-Request-Id", "another");
    });
    assert.deepEqual(response.headers.getAll("X-Request-Id"), ["another"]);
  });

  const refused: [options: unknown, error: RegExp][] = [
    [{ header: "a b" }, /option header of requestId\(\) must be the name of/],
    [{ trust: "proxy" }, /option trust .* must be a boolean or a function/],
    [{ trace: true }, /option trace .* must be "pass" or "make" or "off"/],
    [{ id: "x" }, /requestId\(\) has no option "id"/],
  ];
  for (const [options, error] of refused) {
    it(`is not made with ${JSON.stringify(options)}`, () => {
      assert.throws(() => requestId(options as RequestIdOptions), error);
    });
  }
});

describe("requestId() and traces (W3C Trace Context)", () => {
  it("passes on what a trusted client sent", () => {
    const headers = { traceparent: TRACEPARENT, tracestate: "a=1" };
    const { request } = exchange({ trust: true }, headers);
    const expected = { traceparent: TRACEPARENT, tracestate: "a=1" };
    assert.deepEqual(request.trace?.fields(), expected);
  });

  it("has none where nobody sent one, or nobody to trust", () => {
    assert.equal(exchange({ trust: true }).request.trace, undefined);
    const { request } = exchange({}, { traceparent: TRACEPARENT });
    assert.equal(request.trace, undefined);
  });

  it("begins one where asked to", () => {
    const options = { trust: true, trace: "make" } as const;
    const { request } = exchange(options, { traceparent: TRACEPARENT });
    assert.equal(request.trace?.fields().traceparent, TRACEPARENT);
    const invalid = exchange(options, { traceparent: "00-0-0-01" });
    assert.match(invalid.request.trace?.traceId ?? "", /^[0-9a-f]{32}$/);
    const untrusted = exchange({ trace: "make" }, { traceparent: TRACEPARENT });
    const { traceId } = untrusted.request.trace ?? {};
    assert.ok(traceId && !TRACEPARENT.includes(traceId));
  });

  it("looks for none where it is off", () => {
    const options = { trust: true, trace: "off" } as const;
    const { request } = exchange(options, { traceparent: TRACEPARENT });
    assert.equal(request.trace, undefined);
  });
});
