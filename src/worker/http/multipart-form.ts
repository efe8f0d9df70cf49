/**
 * Forms with files, RFC 7578, found in the body by @fastify/busboy's parser of
 * multiparts. What parts say about themselves is read here: busboy as a whole
 * passes over parts that are not valid, and nobody learns of them. One leniency
 * of the parser cannot be seen from outside: it drops a field line that is not
 * valid with all that follows in that head. Of what is left, a valid
 * Content-Disposition must be part.
 */
import { Dicer } from "@fastify/busboy";
import { HttpError } from "./errors.ts";
import { checkLimit, checkPartCount, type FormLimits } from "./form-limits.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import { type PartFields, type PartHead, readPartHead } from "./part-head.ts";
import { utf8Text } from "./utf8-text.ts";

/** RFC 2046 §5.1.1: 1 to 70 of these characters, the last one no space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{1,70}(?<! )$/;

/**
 * Where the parser cuts a head. `readPartHead()` refuses one of a quarter of
 * that, so that no field gets through which was cut.
 */
const MAX_PARSED_HEAD_BYTES = 16_384;

/** So much is parsed at most before a limit is seen to be passed. */
const MAX_STEP_BYTES = 16_384;

/**
 * Reads as fast as the body comes, and keeps its content in memory.
 *
 * @throws what reading the body throws; HttpError 400, 413 or 415
 */
export async function readMultipartForm(
  body: AsyncIterable<Buffer>,
  boundary: string | undefined,
  limits: FormLimits,
): Promise<FormData> {
  const reader = new MultipartReader(checkedBoundary(boundary), limits);
  try {
    for await (const chunk of body) await reader.write(chunk);
    return await reader.end();
  } finally {
    reader.destroy();
  }
}

function checkedBoundary(boundary: string | undefined): string {
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  const what = boundary === undefined ? "no boundary" : "an invalid boundary";
  throw new HttpError(400, `the Content-Type of the form has ${what}`);
}

/** A part, as far as it has come in. */
interface Part {
  readonly stream: Dicer.PartStream;
  readonly content: GatheredBytes;
  /** Undefined until it is whole. */
  head: PartHead | undefined;
}

class MultipartReader {
  readonly #limits: FormLimits;
  readonly #dicer: Dicer;
  readonly #parts: Part[] = [];
  /** When the final boundary was found, and each part had its end. */
  readonly #isWhole: Promise<unknown>;
  #openParts = 0;
  #onAllEnded: (() => void) | undefined;
  #failure: unknown;

  constructor(boundary: string, limits: FormLimits) {
    this.#limits = limits;
    // Parts never make the parser wait: all they have is taken at once, and it
    // does not go on after every part that has ended.
    const partHwm = Number.MAX_SAFE_INTEGER;
    const maxHeaderSize = MAX_PARSED_HEAD_BYTES;
    const options = { boundary, maxHeaderSize, partHwm, autoDestroy: false };
    const dicer = new Dicer(options);
    this.#dicer = dicer;
    this.#isWhole = new Promise((resolve, reject) => {
      dicer.on("finish", () => resolve(this.#untilAllEnded()));
      dicer.on("error", () => {
        reject(bad("it ends before its final boundary"));
      });
    });
    dicer.on("part", (stream) => {
      stream.on("error", () => {}); // the parser itself tells of the same
      this.#guard(() => this.#onPart(stream));
    });
  }

  /** @throws HttpError */
  async write(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += MAX_STEP_BYTES) {
      const step = chunk.subarray(at, at + MAX_STEP_BYTES);
      if (!this.#dicer.write(step)) await this.#untilDrained();
      if (this.#failure) throw this.#failure;
    }
  }

  /** @throws HttpError */
  async end(): Promise<FormData> {
    this.#dicer.end();
    await this.#isWhole;
    if (this.#failure) throw this.#failure;
    const form = new FormData();
    for (const part of this.#parts) append(form, part);
    return form;
  }

  destroy(): void {
    this.#dicer.destroy();
    for (const { stream } of this.#parts) stream.destroy();
  }

  #onPart(stream: Dicer.PartStream): void {
    checkPartCount(this.#parts.length + 1, this.#limits);
    const part: Part = {
      stream,
      content: new GatheredBytes(),
      head: undefined,
    };
    this.#parts.push(part);
    this.#openParts++;
    stream.on("header", (fields) => {
      this.#guard(() => {
        part.head = readPartHead(fields as PartFields, this.#limits);
      });
    });
    stream.on("data", (piece) => {
      this.#guard(() => this.#onContent(part, piece as Buffer));
    });
    stream.on("end", () => {
      this.#guard(() => checkHasHead(part));
      if (--this.#openParts === 0) this.#onAllEnded?.();
    });
  }

  /** @throws HttpError 413 */
  #onContent({ head, content }: Part, piece: Buffer): void {
    content.add(piece);
    const isFile = head?.filename !== undefined;
    const { maxFileBytes, maxFieldBytes } = this.#limits;
    const limit = isFile ? maxFileBytes : maxFieldBytes;
    const what = `the ${isFile ? "file" : "field"} "${head?.name}"`;
    checkLimit(what, content.byteLength, limit);
  }

  /** Nobody catches what a listener throws: it is kept, and nothing follows. */
  #guard(listener: () => void): void {
    if (this.#failure) return;
    try {
      listener();
    } catch (error) {
      this.#failure = error;
    }
  }

  #untilDrained(): Promise<void> {
    return new Promise((resolve) => {
      this.#dicer.once("drain", resolve);
    });
  }

  #untilAllEnded(): Promise<void> | undefined {
    if (this.#openParts === 0) return undefined;
    return new Promise((resolve) => {
      this.#onAllEnded = resolve;
    });
  }
}

/** @throws HttpError 400 */
function checkHasHead({ head }: Part): void {
  if (!head) throw bad("a part without an empty line after its head");
}

function append(form: FormData, { head, content }: Part): void {
  const { name, filename, type } = head as PartHead;
  if (filename === undefined) {
    form.append(name, utf8Text(content.whole(), `the field "${name}"`));
    return;
  }
  form.append(name, new File([...content.pieces()], filename, { type }));
}

function bad(what: string): HttpError {
  return new HttpError(400, `the form is not valid: ${what}`);
}
