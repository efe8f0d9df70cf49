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

/** Of Node itself: reason, clause, and the files without `test-http-`. */
const OF_NODE: readonly (readonly [string, string, string])[] = [
  [
    "Date and Server are there, in front, and Connection: keep-alive is not",
    "RFC 9112 §9.3",
    "1.0|1.0-keep-alive|automatic-headers|content-length|keep-alive-max-requests|outgoing-first-chunk-singlebyte-encoding|raw-headers|remove-connection-header-persists-connection|server-close-(?:all|idle)|server-keep-alive-(?:defaults|max-requests-null)",
  ],
  [
    "what the grammar does not allow, or what would be read in two ways, is a 400",
    "docs/conformance.md",
    "blank-header|chunked-smuggling|dummy-characters-smuggling|header-badrequest|header-owstext|host-header-ipv6-fail|insecure-parser|missing-header-separator-(?:cr|lf)|parser-finish-error|request-(?:host-header|join-authorization-headers|method-delete-payload|smuggling-content-length)|server-multiheaders2?|server-reject-(?:chunked-with-content-length|cr-no-lf)|server|transfer-encoding-(?:repeated-chunked|smuggling)|upgrade-server",
  ],
  [
    'the server answers what it refuses; "clientError" is told, without the bytes',
    "docs/api.md, programs that listen by themselves",
    "chunk-extensions-limit|double-content-length|header-overflow|max-http-headers|server-client-error|server-destroy-socket-on-client-error|socket-error-listeners",
  ],
  [
    "the framing of a response is the server's",
    "RFC 9112 §6",
    "remove-header-stays-removed|response-multi-content-length|server-de-chunked-trailer",
  ],
  [
    "it looks at Node's parser, at the streams beneath, or at what Node does not document",
    "https://nodejs.org/api/http.html",
    "connect|information-headers|no-read-no-dump|outgoing-(?:end-multiple|properties)|parser-(?:freed-before-upgrade|lazy-loaded|memory-retention)|pipeline-socket-parser-typeerror|req-close-robust-from-tampering|response-cork|server-connection-list-when-close|server-delete-parser|server-keepalive-end|server-unconsume(?:-consume)?|socket-encoding-error|url.parse-https.request",
  ],
  [
    "an error of a listener is logged, and answered with a 500: it does not end the process",
    "docs/api.md, Existing apps",
    "catch-uncaughtexception|exceptions|upgrade-server2",
  ],
  [
    "pipelined requests are handled one at a time",
    "RFC 9112 §9.3.2",
    "incoming-pipelined-socket-destroy",
  ],
  [
    "the last response of a connection closes it",
    "RFC 9112 §9.6",
    "keep-alive-drop-requests",
  ],
  [
    "limits hold where they are stricter than the settings; a time-out begins with the first request",
    "docs/api.md, programs that listen by themselves",
    "keep-alive-timeout|max-headers-count|server-headers-timeout-[\\w-]+|server-keep-alive-timeout|server-options-(?:highwatermark|incoming-message|server-response)|server-request-timeout-[\\w-]+|set-timeout-server",
  ],
  [
    "the close of a socket comes when its client has closed, too, or lingeringCloseTimeoutMs later",
    "RFC 9112 §9.6",
    "req-res-close",
  ],
];

const DIFFERENCES: readonly Difference[] = [
  ...OF_NODE.map(([reason, clause, files]) => ({
    project: "node",
    tests: new RegExp(`^test-http-(?:${files})\\.js$`),
    ...{ reason, clause },
  })),
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
