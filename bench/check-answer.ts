import http, { type IncomingHttpHeaders } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type {
  BenchRequest,
  Exchange,
  ExpectedAnswer,
} from "./scenarios/scenario.ts";

const TIMEOUT_MS = 10_000;
const MOST_SHOWN_CHARS = 1000;

/**
 * Asks once: servers are compared only if they do the same.
 *
 * @throws Error that says in what the answer differs
 */
export async function checkAnswer(
  port: number,
  { request, answer }: Exchange,
): Promise<void> {
  const { status, headers, body } = await ask(port, request);
  const { fields = {} } = answer;
  const got = {
    status,
    contentType: comparable(headers["content-type"]),
    // A 204 has none; some say "0" all the same.
    contentLength: status === 204 ? undefined : headers["content-length"],
    body,
    fields: Object.keys(fields).map((name) => [name, headers[name]]),
  };
  const wanted = {
    status: answer.status,
    contentType: comparable(answer.contentType),
    contentLength:
      answer.status === 204
        ? undefined
        : String(Buffer.byteLength(answer.body)),
    body: request.method === "HEAD" ? "" : answer.body,
    fields: wantedFields(fields, headers),
  };
  if (isDeepStrictEqual(got, wanted)) return;
  const [gotText, wantedText] = [got, wanted].map(shown);
  const what = `${request.method} ${request.path}`;
  throw new Error(`${what} was answered ${gotText}, not ${wantedText}`);
}

function shown(answer: { readonly body: string }): string {
  const { body } = answer;
  const isLong = body.length > MOST_SHOWN_CHARS;
  const start = `${body.slice(0, MOST_SHOWN_CHARS)}…`;
  return JSON.stringify({ ...answer, body: isLong ? start : body });
}

/**
 * Case means nothing (RFC 9110 §8.3.1). JSON has no charset (RFC 8259 §11),
 * though some servers say one.
 */
function comparable(contentType: string | undefined): string | undefined {
  return contentType
    ?.toLowerCase()
    .replace(/^(application\/json); ?charset=utf-8$/, "$1");
}

/** With the value that was got, where it fits an expression. */
function wantedFields(
  fields: NonNullable<ExpectedAnswer["fields"]>,
  got: IncomingHttpHeaders,
) {
  return Object.entries(fields).map(([name, wanted]) => {
    if (typeof wanted === "string") return [name, wanted];
    const value = String(got[name] ?? "");
    return [name, wanted.test(value) ? value : String(wanted)];
  });
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(port: number, request: BenchRequest): Promise<Answer> {
  const { method, path, headers, body } = request;
  const length =
    body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  const options = {
    host: "127.0.0.1",
    port,
    method,
    path,
    // Bun closes a connection without saying so: it must not be used again.
    agent: false,
    headers: { ...headers, ...length, Connection: "close" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    const outgoing = http.request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status, headers } = response;
        resolve({ status, headers, body: text });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
