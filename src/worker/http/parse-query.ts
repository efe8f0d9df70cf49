import { type Parser, parseInput } from "./parse-input.ts";

const INPUT = { what: "the query", status: 400 };

/**
 * @throws HttpError 400 where the parser finds issues, TypeError where it is
 * asynchronous
 */
export function parseQuery<Output>(
  query: URLSearchParams,
  parser: Parser<Output>,
): Output {
  const parsed = parseInput(queryRecord(query), parser, INPUT);
  if (!(parsed instanceof Promise)) return parsed;
  parsed.catch(() => {});
  throw new TypeError("the parser of a query must not be asynchronous");
}

/**
 * The parameters by name; repeated ones as arrays. The object has no
 * prototype: any name is safe.
 */
function queryRecord(
  query: URLSearchParams,
): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of query) {
    const earlier = record[name];
    if (earlier === undefined) record[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else record[name] = [earlier, value];
  }
  return record;
}
