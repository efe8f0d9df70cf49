/**
 * Tests of other projects that pass under `node:http` and not under Remuda, and
 * are meant to.
 */
export interface Difference {
  readonly project: string;
  /** Their full names. */
  readonly tests: RegExp;
  readonly reason: string;
  /** The clause, or the place in the docs that says so. */
  readonly clause: string;
}

const HTTP2 = "a server of node:http2 is refused";
const HOSTING = "docs/api.md, programs that listen by themselves";
const EXISTING_APPS = "docs/api.md, Existing apps";

export const DIFFERENCES: readonly Difference[] = [
  {
    project: "express",
    tests:
      /^res > when accepting (?:html > should (?:escape|not render)|text > should encode)/,
    reason: "Host: http://example.com is no host: 400",
    clause: "RFC 9112 §3.2",
  },
  {
    project: "express",
    tests: /^res > when Transfer-Encoding header is present > /,
    reason: "the framing is the server's: another encoding is a 500",
    clause: "RFC 9112 §6.1",
  },
  {
    project: "express",
    tests: /> should set the response status code to 101$/,
    reason:
      "101 is no final response: the connection would be no HTTP behind it",
    clause: "RFC 9110 §15.2.2",
  },
  {
    project: "koa",
    tests: /> when 205 > should strip content related header fields/,
    reason: "205 has Content-Length: 0",
    clause: "RFC 9110 §15.3.6",
  },
  {
    project: "fastify",
    tests: /^test\/http2\/|> HTTP\/2 |\(http2\)$/,
    reason: HTTP2,
    clause: HOSTING,
  },
  {
    project: "fastify",
    tests: /> Unknown method$/,
    reason: "any token is a method, and goes to the app",
    clause: "RFC 9112 §3.1",
  },
  {
    project: "fastify",
    tests: /> requestTimeout should return 408$/,
    reason: "every refusal says what was wrong",
    clause: "RFC 9457 §3",
  },
  {
    project: "fastify",
    tests:
      /> (?:maxRequestsPerSocket|Current opened connection should NOT continue)/,
    reason: "1.1 goes on without Connection: keep-alive in the answer",
    clause: "RFC 9112 §9.3",
  },
  {
    project: "fastify",
    tests:
      /close-pipelining|> (?:Current opened connection should not accept|rejected incoming connections should)/,
    reason:
      "a connection that is busy when its server closes ends with that " +
      "answer, which says so, instead of a 503 to the next request",
    clause: "RFC 9112 §9.6",
  },
  {
    project: "fastify",
    tests: /> handlerTimeout firing after the reply ended but before/,
    reason: "close follows the sent answer, also where finish is held back",
    clause: EXISTING_APPS,
  },
  {
    project: "fastify",
    tests:
      /^test\/re(?:ply|quest)-error.* > (?:Should reply 400 on client error|Should set the response from client error|non-numeric content-length)/,
    reason: 'there is no "clientError": the server answers what it refuses',
    clause: EXISTING_APPS,
  },
  {
    project: "fastify",
    tests: /> Return 200 when Host header is (?:empty|missing)/,
    reason: "an empty Host, or none in 1.1, is a 400",
    clause: "RFC 9112 §3.2",
  },
  {
    project: "fastify",
    tests: /> Sending a response using req\.socket =>/,
    reason: "the socket of a request is not to be written to",
    clause: EXISTING_APPS,
  },
  {
    project: "node-server",
    tests: /> HTTP2 > |> http2 > /,
    reason: HTTP2,
    clause: HOSTING,
  },
  {
    project: "node-server",
    tests: /\/text-with-content-length-(?:object|headers|array)$/,
    reason: "Content-Length: 00011 is sent as 11",
    clause: "RFC 9110 §8.6",
  },
  {
    project: "node-server",
    tests: /> Should prevent path traversal attacks with mixed separators$/,
    reason: "a backslash in the target is a 400",
    clause: "RFC 9112 §3.2",
  },
  {
    project: "node-server",
    tests: /> Should return 200 for a request w\/o host header$/,
    reason: "no Host in 1.1 is a 400",
    clause: "RFC 9112 §3.2",
  },
  {
    project: "node-server",
    tests: /> body reads after client disconnect > /,
    reason:
      "a body is complete when it has been read: it comes no faster than " +
      "the app reads it",
    clause: EXISTING_APPS,
  },
  {
    project: "ws",
    tests: /> emits the 'close' event after the server closes$/,
    reason: '"connection" comes with the first request of a connection',
    clause: EXISTING_APPS,
  },
  {
    project: "ws",
    tests: /> fails if the Upgrade header field value cannot be read$/,
    reason: "maxHeadersCount does not make fields disappear",
    clause: "docs/protocol.md, Fields",
  },
  {
    project: "compression",
    tests: /> http2 > /,
    reason: HTTP2,
    clause: HOSTING,
  },
  {
    project: "http-proxy-middleware",
    tests: /^test\/e2e\/http2-server/,
    reason: HTTP2,
    clause: HOSTING,
  },
  {
    project: "on-finished",
    tests: /> when requests pipelined > /,
    reason: "pipelined requests are handled one at a time",
    clause: "RFC 9112 §9.3.2",
  },
  {
    project: "engine.io",
    tests: /> should destroy (?:upgrades not handled|unhandled upgrades)/,
    reason: "no Host in 1.1 is a 400",
    clause: "RFC 9112 §3.2",
  },
];

export function differenceOf(
  project: string,
  test: string,
): Difference | undefined {
  return DIFFERENCES.find((each) => {
    return each.project === project && each.tests.test(test);
  });
}
