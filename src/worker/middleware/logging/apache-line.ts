/**
 * Lines of the access log in the formats of Apache's `mod_log_config`:
 *
 *   common    %h %l %u %t "%r" %>s %b
 *   combined  %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"
 *
 * https://httpd.apache.org/docs/2.4/mod/mod_log_config.html. Runs per line.
 */
import type { HttpRequest } from "../../http/http-request.ts";
import { type LoggedRequest, responseBytes } from "./logged-request.ts";

export interface ApacheLineOptions {
  readonly format: "common" | "combined";
  /** Whether the lines have the queries of the target and of the Referer. */
  readonly hasQuery: boolean;
  readonly user: ((request: HttpRequest) => string | undefined) | undefined;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Characters that Apache writes as they are, between quotes. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const SPECIAL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/gu;
/** The escapes with a name; others are "\xhh". */
const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Returns the function that makes the line of a request, with its end. */
export function apacheLine(options: ApacheLineOptions) {
  const { format, hasQuery, user } = options;
  const received = new LogTime();
  return (logged: LoggedRequest): string => {
    const { request, status, durationMs } = logged;
    const target = hasQuery ? request.target : request.path;
    const first = `${request.method} ${target} HTTP/${request.httpVersion}`;
    const name = user?.(request) || "-";
    const line = [
      request.remoteAddress ?? "-",
      "-", // identd, which nobody asks
      // A blank would move the fields after it.
      escaped(name).replaceAll(" ", "\\x20"),
      `[${received.at(Date.now() - durationMs)}]`,
      `"${escaped(first)}"`,
      status,
      responseBytes(logged) || "-",
    ].join(" ");
    if (format === "common") return `${line}\n`;
    const referer = request.headers.get("referer") ?? "-";
    const from = hasQuery ? referer : beforeQuery(referer);
    const agent = request.headers.get("user-agent") ?? "-";
    return `${line} "${escaped(from)}" "${escaped(agent)}"\n`;
  };
}

function beforeQuery(url: string): string {
  const mark = url.search(/[?#]/);
  return mark < 0 ? url : url.slice(0, mark);
}

/** A client must not end a field or a line, nor send a terminal commands. */
function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(SPECIAL, (character) => {
    const name = NAMED[character];
    if (name !== undefined) return name;
    const bytes = [...Buffer.from(character)];
    return bytes.map((byte) => `\\x${hex(byte)}`).join("");
  });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Times such as "10/Oct/2000:13:55:36 -0700", made once a second. */
class LogTime {
  #second = Number.NaN;
  #text = "";

  at(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second === this.#second) return this.#text;
    this.#second = second;
    this.#text = timeText(new Date(second * 1000));
    return this.#text;
  }
}

function timeText(date: Date): string {
  const month = MONTHS[date.getMonth()];
  const day = `${two(date.getDate())}/${month}/${date.getFullYear()}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const east = -date.getTimezoneOffset();
  const offset = Math.abs(east);
  const zone = `${two(Math.floor(offset / 60))}${two(offset % 60)}`;
  return `${day}:${clock.map(two).join(":")} ${east < 0 ? "-" : "+"}${zone}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
