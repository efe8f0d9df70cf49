/** Forms with files, RFC 7578. Runs per chunk and per part of a form. */

import { ChunkBuffer } from "../body/chunk-buffer.ts";
import { decodeUtf8 } from "../body/decode-utf8.ts";
import { HttpError } from "../http-error.ts";
import { checkLimit, checkPartCount, type FormLimits } from "./form-limits.ts";

import {
  MultipartDecoder,
  type MultipartHandler,
} from "./multipart-decoder.ts";
import { type PartHead, readPartHead } from "./read-part-head.ts";

/** RFC 2046 §5.1.1: 1 to 70 of these characters, not ending in a space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{1,70}(?<! )$/;

/**
 * Reads as fast as the body arrives, and keeps the form in memory.
 *
 * @throws what reading the body throws; HttpError 400, 413 or 415
 */
export async function readMultipartForm(
  body: AsyncIterable<Buffer>,
  boundary: string | undefined,
  limits: FormLimits,
): Promise<FormData> {
  const parts = new FormParts(limits);
  const decoder = new MultipartDecoder(checkedBoundary(boundary), parts);
  for await (const chunk of body) decoder.decode(chunk);
  decoder.end();
  return parts.form;
}

function checkedBoundary(boundary: string | undefined): string {
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  const what = boundary === undefined ? "no boundary" : "an invalid boundary";
  throw new HttpError(400, `the Content-Type of the form has ${what}`);
}

/** A part, as far as it has been received. */
interface Part {
  readonly head: PartHead;
  readonly content: ChunkBuffer;
  readonly maxBytes: number;
}

/** Collects the parts of a form. */
class FormParts implements MultipartHandler {
  readonly form = new FormData();
  readonly #limits: FormLimits;
  #count = 0;
  #part: Part | undefined;

  constructor(limits: FormLimits) {
    this.#limits = limits;
  }

  onHead(lines: string): void {
    checkPartCount(++this.#count, this.#limits);
    const head = readPartHead(lines, this.#limits);
    const { maxFileBytes, maxFieldBytes } = this.#limits;
    const maxBytes = head.filename === undefined ? maxFieldBytes : maxFileBytes;
    this.#part = { head, content: new ChunkBuffer(), maxBytes };
  }

  onContent(bytes: Buffer): void {
    const { head, content, maxBytes } = this.#part as Part;
    content.add(bytes);
    if (content.byteLength > maxBytes) {
      checkLimit(titleOf(head), content.byteLength, maxBytes);
    }
  }

  onPartEnd(): void {
    const { head, content } = this.#part as Part;
    const { name, filename, type } = head;
    this.form.append(
      name,
      filename === undefined
        ? decodeUtf8(content.whole(), titleOf(head))
        : new File([...content.chunks], filename, { type }),
    );
  }
}

function titleOf({ name, filename }: PartHead): string {
  return `the ${filename === undefined ? "field" : "file"} "${name}"`;
}
