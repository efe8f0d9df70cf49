import { isText, latin1, textBytes } from "./byte-text.ts";

const USUAL_METHODS = [
  "GET",
  "POST",
  "PUT",
  "HEAD",
  "PATCH",
  "DELETE",
  "OPTIONS",
].map((text) => ({ text, bytes: textBytes(text) }));

/** Runs per request: the usual methods are not made into text anew. */
export function methodText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  for (const usual of USUAL_METHODS) {
    const isSame =
      usual.bytes.length === length && isText(bytes, start, usual.bytes);
    if (isSame) return usual.text;
  }
  return latin1(bytes, start, end);
}
