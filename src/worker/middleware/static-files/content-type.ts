import path from "node:path";
import { mimes } from "mrmime";

const UNKNOWN = "application/octet-stream";

/** What mrmime leaves out. */
const MORE: Readonly<Record<string, string>> = { ico: "image/x-icon" };

/**
 * The media type of a file by its name's extension. What is text is taken to be
 * UTF-8, but for XML, which says by itself what it is in (RFC 7303 §3).
 *
 * @param own types by extension without the dot, in lower case; they come first
 */
export function contentTypeOf(
  fileName: string,
  own: Readonly<Record<string, string>>,
): string {
  const extension = path.extname(fileName).slice(1).toLowerCase();
  // Not by index: a file may be named "x.constructor".
  if (Object.hasOwn(own, extension)) return own[extension] as string;
  const known = [MORE, mimes].find((each) => Object.hasOwn(each, extension));
  const type = known?.[extension] ?? UNKNOWN;
  const isText = type.startsWith("text/") && type !== "text/xml";
  return isText ? `${type}; charset=utf-8` : type;
}
