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

export const DIFFERENCES: readonly Difference[] = [
  {
    project: "express",
    tests: /> \.ip > .* > should return the remote address$/,
    reason: "remoteAddress has one form: ::ffff:127.0.0.1 is 127.0.0.1",
    clause: "docs/api.md, Who the client is",
  },
  {
    project: "express",
    tests:
      /^res > when accepting (?:html > should (?:escape|not render)|text > should encode)/,
    reason: "Host: http://example.com is no host: 400",
    clause: "RFC 9112 §3.2",
  },
  {
    project: "express",
    tests: /^res > when Transfer-Encoding header is present > .* chunked$/,
    reason: "what is there as a whole has Content-Length instead",
    clause: "RFC 9112 §6.2",
  },
  {
    project: "express",
    tests: /^res > when Transfer-Encoding header is present > /,
    reason: "the framing is the server's: another encoding is a 500",
    clause: "RFC 9112 §6.1",
  },
  {
    project: "express",
    tests: /^res > \.status\(code\) > .* status code to (?:101|[7-9]00)$/,
    reason: "the status of a response is 200 to 599",
    clause: "RFC 9110 §15",
  },
  {
    project: "koa",
    tests: /> with custom status(?:=700| without message) > /,
    reason: "the status of a response is 200 to 599",
    clause: "RFC 9110 §15",
  },
  {
    project: "koa",
    tests: /> should not add Content-Length when Transfer-Encoding is defined$/,
    reason: "what is there as a whole has Content-Length instead",
    clause: "RFC 9112 §6.2",
  },
  {
    project: "koa",
    tests: /> when 205 > should strip content related header fields/,
    reason: "205 has Content-Length: 0",
    clause: "RFC 9110 §15.3.6",
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
