/** Layout of response content with ranges: RFC 9110 §14.6. Without I/O. */
import { randomBytes } from "node:crypto";
import type { ByteRange } from "./byte-ranges.ts";

/** Literal text, or a range to read from the file. */
export type ContentPart = string | ByteRange;

export interface FileContent {
  readonly parts: readonly ContentPart[];
  /** Total length. */
  readonly bytes: number;
}

export interface MultipartContent extends FileContent {
  readonly contentType: string;
}

/** @param fileBytes length of the file */
export function wholeContent(fileBytes: number): FileContent {
  if (fileBytes === 0) return { parts: [], bytes: 0 };
  return rangeContent({ first: 0, last: fileBytes - 1 });
}

export function rangeContent(range: ByteRange): FileContent {
  return { parts: [range], bytes: range.last - range.first + 1 };
}

/**
 * Several ranges, each with its own header.
 *
 * @param contentType type of the file
 */
export function multipartContent(
  ranges: readonly ByteRange[],
  fileBytes: number,
  contentType: string,
): MultipartContent {
  const boundary = randomBytes(12).toString("hex");
  const parts: ContentPart[] = [];
  let bytes = 0;
  let before = "";
  for (const range of ranges) {
    const head =
      `${before}--${boundary}\r\nContent-Type: ${contentType}\r\n` +
      `Content-Range: ${contentRange(range, fileBytes)}\r\n\r\n`;
    parts.push(head, range);
    bytes += head.length + range.last - range.first + 1;
    before = "\r\n";
  }
  const end = `\r\n--${boundary}--\r\n`;
  parts.push(end);
  bytes += end.length;
  const type = `multipart/byteranges; boundary=${boundary}`;
  return { parts, bytes, contentType: type };
}

/** §14.4 */
export function contentRange(range: ByteRange, fileBytes: number): string {
  return `bytes ${range.first}-${range.last}/${fileBytes}`;
}
