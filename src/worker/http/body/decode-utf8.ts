import { HttpError } from "../http-error.ts";

/**
 * Decodes UTF-8; a byte order mark is removed.
 *
 * @param what the subject of the error message: "the body"
 * @throws HttpError 400 where it is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HttpError(400, `${what} is not valid UTF-8`, { cause });
  }
}
