import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  HttpResponse,
  type HttpResponseInit,
  type ResponseBody,
} from "../../../src/worker/http/http-response.ts";
import {
  type ConnectionOption,
  chunkSize,
  encodeHead,
  hasContent,
  type ResponseFraming,
  responseFraming,
} from "../../../src/worker/http1/response-encoder.ts";

async function* pieces() {
  yield "piece";
}

const framingOf = (
  body: ResponseBody,
  init: HttpResponseInit = {},
  { isHttp10 = false, isHead = false } = {},
) => responseFraming(new HttpResponse(body, init), { isHttp10, isHead });

const length = (bytes: number) => ({ "Content-Length": bytes });

describe("how a response is framed", () => {
  const cases: [string, ResponseFraming, ResponseFraming][] = [
    ["§6.2 text by its bytes", framingOf("é"), 2],
    ["§6.2 bytes by their number", framingOf(Buffer.alloc(7)), 7],
    ["§6.2 no body by 0", framingOf(null), 0],
    ["§6.2 empty text by 0", framingOf(""), 0],
    ["§7.1 a stream by chunks", framingOf(pieces()), "chunked"],
    [
      "§6.3 a stream in 1.0 by the close",
      framingOf(pieces(), {}, { isHttp10: true }),
      "close",
    ],
    [
      "§6.2 a stream of a declared length by that",
      framingOf(pieces(), { headers: length(5) }),
      5,
    ],
    [
      "§6.2 such a stream in 1.0 too",
      framingOf(pieces(), { headers: length(5) }, { isHttp10: true }),
      5,
    ],
    [
      "RFC 9110 §8.6 the answer to HEAD by what it says of a GET",
      framingOf(null, { headers: length(5) }, { isHead: true }),
      5,
    ],
    [
      "§6.2 text of its declared length by that",
      framingOf("hello", { headers: length(5) }),
      5,
    ],
    [
      "RFC 9110 §15.3.5 a 204 not at all",
      framingOf("x", { status: 204 }),
      "none",
    ],
    [
      "RFC 9110 §15.3.5 a 204 with a length not at all",
      framingOf(null, { status: 204, headers: length(5) }),
      "none",
    ],
    ["RFC 9110 §15.3.6 a 205 by 0", framingOf("x", { status: 205 }), 0],
    [
      "RFC 9110 §15.3.6 a 205 with a stream by 0",
      framingOf(pieces(), { status: 205 }),
      0,
    ],
    [
      "RFC 9110 §15.4.5 a 304 not at all",
      framingOf(null, { status: 304 }),
      "none",
    ],
    [
      "RFC 9110 §15.4.5 a 304 by what it says of a GET",
      framingOf(null, { status: 304, headers: length(5) }),
      5,
    ],
  ];
  for (const [title, framing, expected] of cases) {
    test(title, () => assert.equal(framing, expected));
  }

  test("RFC 9110 §8.6 a body unlike its declared length is refused", () => {
    const headers = length(5);
    assert.throws(() => framingOf("four", { headers }), TypeError);
    assert.throws(() => framingOf("", { headers }), TypeError);
    assert.throws(() => framingOf(null, { headers }), TypeError);
    assert.throws(() => framingOf(Buffer.alloc(6), { headers }), TypeError);
    assert.throws(() => framingOf("x", { status: 205, headers }), TypeError);
  });

  test("§6.1 a Transfer-Encoding of one's own is refused", () => {
    const headers = { "Transfer-Encoding": "chunked" };
    assert.throws(() => framingOf("x", { headers }), TypeError);
  });
});

describe("whether a response has content", () => {
  const has = (body: ResponseBody, status: number, isHead = false) => {
    return hasContent(new HttpResponse(body, { status }), isHead);
  };
  const cases: [title: string, actual: boolean, expected: boolean][] = [
    ["§6.3 of its body", has("x", 200), true],
    ["§6.3 of a stream", has(pieces(), 200), true],
    ["§6.3 an error too", has("x", 500), true],
    ["§6.3 not without a body", has(null, 200), false],
    ["RFC 9110 §9.3.2 not to HEAD", has("x", 200, true), false],
    ["RFC 9110 §15.3.5 not a 204", has("x", 204), false],
    ["RFC 9110 §15.3.6 not a 205", has("x", 205), false],
    ["RFC 9110 §15.4.5 not a 304", has("x", 304), false],
  ];
  for (const [title, actual, expected] of cases) {
    test(title, () => assert.equal(actual, expected));
  }
});

/** Lines of a head, without Date. */
function headOf(
  init: HttpResponseInit,
  framing: ResponseFraming = 0,
  connection: ConnectionOption = undefined,
): string[] {
  const response = new HttpResponse(null, init);
  const server = "Server: s\r\n";
  const form = { framing, option: connection, isHead: false, answeredAt: 0 };
  const head = encodeHead(response, form, server);
  assert.ok(head.endsWith("\r\n\r\n"));
  return head.split("\r\n").slice(0, -2);
}

const withoutDate = (lines: string[]) => {
  return lines.filter((line) => !line.startsWith("Date: "));
};

describe("the head of a response", () => {
  test("§4 may have a reason of its own, for once", () => {
    assert.equal(headOf({ reason: "Fine" })[0], "HTTP/1.1 200 Fine");
    assert.equal(headOf({})[0], "HTTP/1.1 200 OK");
  });

  test("RFC 9110 §6.6.1 has one Date", () => {
    const dates = (init: HttpResponseInit) => {
      return headOf(init).filter((line) => /^date:/i.test(line));
    };
    assert.equal(dates({}).length, 1);
    assert.deepEqual(dates({ headers: { date: "then" } }), ["date: then"]);
  });

  test("RFC 9110 §10.2.4 has one Server", () => {
    const servers = (init: HttpResponseInit) => {
      return headOf(init).filter((line) => /^server:/i.test(line));
    };
    assert.deepEqual(servers({}), ["Server: s"]);
    assert.deepEqual(servers({ headers: { server: "x" } }), ["server: x"]);
  });

  test("has its own fields in order", () => {
    const headers = { B: "1", "Set-Cookie": ["a", "b"], A: "2" };
    assert.deepEqual(withoutDate(headOf({ headers })).slice(2, -1), [
      "B: 1",
      "Set-Cookie: a",
      "Set-Cookie: b",
      "A: 2",
    ]);
  });

  const framings: [ResponseFraming, string[]][] = [
    [0, ["Content-Length: 0"]],
    [42, ["Content-Length: 42"]],
    ["chunked", ["Transfer-Encoding: chunked"]],
    ["close", []],
    ["none", []],
  ];
  for (const [framing, expected] of framings) {
    test(`§6 says ${framing} once`, () => {
      const headers = { "Content-Length": "42" };
      for (const init of [{}, { headers }]) {
        const lines = withoutDate(headOf(init, framing));
        assert.deepEqual(lines.slice(2), expected);
      }
    });
  }

  const options: [ConnectionOption, string[]][] = [
    ["close", ["Connection: close"]],
    ["keep-alive", ["Connection: keep-alive"]],
    [undefined, []],
  ];
  for (const [option, expected] of options) {
    test(`§9.6 says ${option} once`, () => {
      const headers = { Connection: "close, x" };
      for (const init of [{}, { headers }]) {
        const lines = withoutDate(headOf(init, 0, option));
        assert.deepEqual(lines.slice(3), expected);
      }
    });
  }
});

describe("a chunk's size", () => {
  test("§7.1 is hexadecimal", () => {
    assert.equal(chunkSize(1), "1\r\n");
    assert.equal(chunkSize(255), "ff\r\n");
    assert.equal(chunkSize(65_536), "10000\r\n");
  });
});
