import { HttpHeaders } from "../http/fields/http-headers.ts";

export interface InterimHead {
  readonly status: number;
  readonly headers: HttpHeaders;
}

const HEAD = /^HTTP\/1\.1 (1\d\d) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n$/;

/**
 * Parses an interim response that Node wrote, as by `writeEarlyHints()`.
 *
 * @throws TypeError unless it is exactly one head: a value had a line end
 */
export function parseInterimHead(text: string): InterimHead {
  const [, status, lines = ""] = HEAD.exec(text) ?? [];
  if (status === undefined) throw notOneHead();
  const headers = new HttpHeaders();
  for (const line of lines.split("\r\n").slice(0, -1)) {
    const colon = line.indexOf(":");
    if (colon < 0) throw notOneHead();
    headers.append(line.slice(0, colon), line.slice(colon + 1));
  }
  return { status: Number(status), headers };
}

function notOneHead(): TypeError {
  return new TypeError("an interim response is one head, without line ends");
}
