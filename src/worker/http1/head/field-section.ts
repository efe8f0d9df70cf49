/**
 * Field lines up to the empty line, of a head or of trailers (RFC 9112 §5).
 *
 *   line start ─► name ─► value ─► LF ─► line start
 *       └── CR ─► last LF ─► done
 *
 * Runs per byte: names and values have a loop of their own. What has been seen
 * is never looked at again, however the bytes are cut. A line that is whole goes
 * through its states without a turn of the outer loop, and the state is written
 * down only where the bytes end.
 */
import {
  COLON,
  CR,
  endOfRun,
  HTAB,
  IS_FIELD_VALUE,
  IS_TOKEN,
  LF,
  SP,
} from "../bytes.ts";
import type { ParserLimits } from "../limits.ts";
import { type ParseErrorReason, ProtocolError } from "../protocol-error.ts";
import type { FieldLine } from "./field-line.ts";

export type OnField = (bytes: Buffer, line: FieldLine) => void;

type State = "lineStart" | "name" | "value" | "lineFeed" | "lastLineFeed";

const NEED_MORE = -1;

export class FieldSection {
  readonly #limits: ParserLimits;
  readonly #reason: ParseErrorReason;
  readonly #onField: OnField | undefined;
  readonly #line = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0 };
  #state: State = "lineStart";
  #count = 0;

  constructor(
    limits: ParserLimits,
    reason: ParseErrorReason,
    onField?: OnField,
  ) {
    this.#limits = limits;
    this.#reason = reason;
    this.#onField = onField;
  }

  restart(): void {
    this.#state = "lineStart";
    this.#count = 0;
  }

  /**
   * Reads `bytes` from `start` to `end`; offsets must mean the same bytes in
   * the next call.
   *
   * @returns where the section ended, or -1: all was read, more is needed
   * @throws ProtocolError 400, or 431 for too many fields
   */
  parse(bytes: Buffer, start: number, end: number): number {
    const line = this.#line;
    let at = start;
    let state = this.#state;
    while (at < end) {
      if (state === "lineStart") {
        if (bytes[at] === CR) {
          state = "lastLineFeed";
          at++;
          continue;
        }
        if (++this.#count > this.#limits.maxFields) this.#refuseCount();
        line.nameStart = at;
        state = "name";
      }
      if (state === "name") {
        at = endOfRun(bytes, at, end, IS_TOKEN);
        if (at === end) break;
        if (bytes[at] !== COLON || at === line.nameStart) {
          this.#refuseName(bytes[at] as number, at);
        }
        line.nameEnd = at++;
        line.valueStart = at;
        state = "value";
      }
      if (state === "value") {
        at = endOfRun(bytes, at, end, IS_FIELD_VALUE);
        if (at === end) break;
        if (bytes[at] !== CR) this.#refuseValue(bytes[at] as number);
        line.valueEnd = at++;
        state = "lineFeed";
        if (at === end) break;
      }
      state satisfies "lineFeed" | "lastLineFeed";
      // RFC 9112 §2.2: a bare CR is invalid.
      if (bytes[at] !== LF) this.#refuse("a bare CR");
      at++;
      if (state === "lastLineFeed") {
        this.restart();
        return at;
      }
      state = "lineStart";
      this.#onField?.(bytes, line);
    }
    this.#state = state;
    return NEED_MORE;
  }

  #refuseCount(): never {
    const text = `more than ${this.#limits.maxFields} fields`;
    throw new ProtocolError(431, "head_too_large", text);
  }

  #refuseName(byte: number, at: number): never {
    const isBlank = byte === SP || byte === HTAB;
    if (at === this.#line.nameStart) {
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
