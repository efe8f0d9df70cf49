import { HttpError } from "../http/http-error.ts";

/**
 * A value of a path with its escapes decoded, once.
 *
 * @throws HttpError 400 where an escape is none, or gives no UTF-8
 */
export function decodedSegment(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    const detail = "the path has an escape that is none, or no UTF-8";
    throw new HttpError(400, detail, { cause });
  }
}
