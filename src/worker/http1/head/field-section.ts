/**
 * Field lines up to the empty line, of a head or of trailers: RFC 9112 §5.
 *
 * Runs per byte. Where the bytes end within a line, `read` keeps the offsets
 * found so far and goes on from there in the next call: no byte but a CR is
 * checked twice.
 */
import {
  COLON,
  CR,
  endOfRun,
  endOfValue,
  HTAB,
  IS_TOKEN,
  LF,
  SP,
} from "../bytes.ts";
import type { ParserLimits } from "../parser-limits.ts";
import { type ParseErrorReason, ProtocolError } from "../protocol-error.ts";

/** The offsets of a field line; the value still has the blanks around it. */
export interface FieldLine {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Called for complete lines with certain names. */
export interface FieldListener {
  /** A bit for each length of a name for which `onField` is called. */
  readonly nameLengths: number;
  /** @param line valid until it returns */
  onField(bytes: Buffer, line: FieldLine): void;
}

const NEED_MORE = -1;

const NO_LISTENER: FieldListener = { nameLengths: 0, onField: () => {} };

export class FieldSection {
  readonly #maxFields: number;
  readonly #reason: ParseErrorReason;
  readonly #listener: FieldListener;
  readonly #nameLengths: number;
  readonly #line = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0 };
  /** Complete lines. */
  #count = 0;
  // --- the line that is not complete
  #lineStart = 0;
  /** 0 until it is found. */
  #colonAt = 0;
  /** The first byte that has not been checked. */
  #at = 0;

  constructor(
    { maxFields }: ParserLimits,
    reason: ParseErrorReason,
    listener = NO_LISTENER,
  ) {
    this.#maxFields = maxFields;
    this.#reason = reason;
    this.#listener = listener;
    this.#nameLengths = listener.nameLengths;
  }

  /** @param offset of the first line */
  restart(offset: number): void {
    this.#count = 0;
    this.#lineStart = offset;
    this.#colonAt = 0;
    this.#at = offset;
  }

  /**
   * Reads on to `end`; offsets must mean the same bytes in every call.
   *
   * @returns where the section ends, or -1 if more is needed
   * @throws ProtocolError 400, or 431 for too many fields, as soon as no
   * further bytes could make the section valid
   */
  read(bytes: Buffer, end: number): number {
    let lineStart = this.#lineStart;
    let colonAt = this.#colonAt;
    let at = this.#at;
    while (at < end) {
      if (colonAt === 0) {
        at = endOfRun(bytes, at, end, IS_TOKEN);
        if (at === lineStart && bytes[at] === CR) {
          if (at + 1 === end) break;
          if (bytes[at + 1] !== LF) this.#refuse("a bare CR");
          return at + 2;
        }
        if (this.#count === this.#maxFields) this.#refuseCount();
        if (at === end) break;
        if (bytes[at] !== COLON || at === lineStart) {
          this.#refuseName(bytes[at] as number, at === lineStart);
        }
        colonAt = at++;
      }
      at = endOfValue(bytes, at, end);
      if (at === end) break;
      if (bytes[at] !== CR) this.#refuseValue(bytes[at] as number);
      if (at + 1 === end) break;
      if (bytes[at + 1] !== LF) this.#refuse("a bare CR");
      // The bits repeat for names of 32 bytes and more: the listener compares.
      if ((this.#nameLengths >>> (colonAt - lineStart)) & 1) {
        const line = this.#line;
        line.nameStart = lineStart;
        line.nameEnd = colonAt;
        line.valueStart = colonAt + 1;
        line.valueEnd = at;
        this.#listener.onField(bytes, line);
      }
      at += 2;
      lineStart = at;
      colonAt = 0;
      this.#count++;
    }
    this.#lineStart = lineStart;
    this.#colonAt = colonAt;
    this.#at = at;
    return NEED_MORE;
  }

  #refuseCount(): never {
    const text = `more than ${this.#maxFields} fields`;
    throw new ProtocolError(431, "head_too_large", text);
  }

  #refuseName(byte: number, isLineStart: boolean): never {
    const isBlank = byte === SP || byte === HTAB;
    if (isLineStart) {
      // RFC 9112 §5.2: line folding is obsolete and a way to smuggle.
      if (isBlank) this.#refuse("a line begins with a blank");
      if (byte === COLON) this.#refuse("a field without a name");
    }
    // RFC 9112 §5.1: no blank may stand between name and colon.
    if (isBlank) this.#refuse("a blank in a field name");
    if (byte === LF || byte === CR) {
      this.#refuse("a field line without a colon");
    }
    this.#refuse("a field name that is not a token");
  }

  #refuseValue(byte: number): never {
    if (byte === LF) this.#refuse("a bare LF");
    this.#refuse("a control character in a field value");
  }

  #refuse(message: string): never {
    throw new ProtocolError(400, this.#reason, message);
  }
}
