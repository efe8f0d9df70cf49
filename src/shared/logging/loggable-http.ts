/**
 * The forms of requests, responses and header fields in log lines. An app may
 * log those of Remuda, of Node.js, of Fetch or of a framework. Whole, they
 * would have secrets in them. Runs per line with one of these fields.
 */
import { isSecretName, REDACTED } from "./secrets.ts";

type Fields = Readonly<Record<string, unknown>>;

/** For pino, by the names of fields. */
export const httpSerializers = {
  req: loggableRequest,
  request: loggableRequest,
  res: loggableResponse,
  response: loggableResponse,
  headers: loggableHeaders,
};

/** Another value than a request is logged as it is. */
function loggableRequest(value: unknown): unknown {
  const { id, method, url, target, route } = fieldsIn(value);
  const where = target ?? url;
  if (typeof method !== "string" || typeof where !== "string") return value;
  return {
    ...(typeof id === "string" && { id }),
    method,
    ...(typeof route === "string" && { route }),
    path: pathIn(where),
  };
}

function loggableResponse(value: unknown): unknown {
  const { status, statusCode, headers, getHeaders } = fieldsIn(value);
  const isResponse = headers !== undefined || getHeaders !== undefined;
  const number = status ?? statusCode;
  if (!isResponse || typeof number !== "number") return value;
  return { status: number };
}

/** An object by name, or anything that iterates over names and values. */
function loggableHeaders(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const pairs = isIterable(value) ? pairsIn(value) : Object.entries(value);
  return Object.fromEntries(
    pairs.map(([name, text]) => [name, isSecretName(name) ? REDACTED : text]),
  );
}

function pairsIn(list: Iterable<unknown>): [string, unknown][] {
  const pairs = [...list].filter((each) => Array.isArray(each));
  return pairs.map(([name, text]) => [String(name), text]);
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function fieldsIn(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** Without the query, and without the origin of a whole URL. */
function pathIn(url: string): string {
  const [target = ""] = url.split("?", 1);
  const isWhole = target.includes("://");
  return isWhole ? target.replace(/^[^/]*:\/\/[^/]*/, "") || "/" : target;
}
