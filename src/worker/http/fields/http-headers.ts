/**
 * Runs per request. The field lines of a parser are split on first use, and
 * fields are one flat list, so no map is built. Lines copied from frozen fields
 * are remembered, because an encoder has cached their text.
 */
import { isToken } from "./is-token.ts";
import { trimBlanks } from "./trim-blanks.ts";

/** Fields as a record, as pairs, or as other `HttpHeaders`. */
export type HeadersInit =
  | Readonly<Record<string, string | number | readonly string[]>>
  | Iterable<readonly [name: string, value: string]>;

/** Receives fields in order, to encode them. */
export interface FieldVisitor {
  /** One line, with the name in its original case. */
  onLine(name: string, value: string): void;
  /** All lines of frozen fields. */
  onFrozen(fields: HttpHeaders): void;
}

/** Position of the lines of frozen fields in a flat list. */
interface FrozenPart {
  readonly start: number;
  readonly fields: HttpHeaders;
}

const NO_PARTS: readonly FrozenPart[] = [];

const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Fields of a request or a response, in order. Names are case-insensitive, and
 * any name is safe (`__proto__` is an ordinary one).
 *
 * @throws TypeError where a name is not a token, or a value contains a control
 * character or a character beyond Latin-1 (RFC 9110 §5.1, §5.5), which prevents
 * response splitting
 */
export class HttpHeaders implements Iterable<[string, string]> {
  /** name, value, name, value, … with names in their original case. */
  #flat: string[] | undefined;
  /** Contains the field lines until they are split. */
  #text = "";
  #linesStart = 0;
  #linesEnd = 0;
  #isFrozen = false;
  /** In order; undefined once lines have moved. */
  #frozenParts: FrozenPart[] | undefined = undefined;
  #lowerCaseNames: readonly string[] | undefined = undefined;
  /** Cache of an encoder, cleared when the fields change. */
  memo: unknown = undefined;

  constructor(init?: HeadersInit) {
    if (init instanceof HttpHeaders) this.#copy(init);
    else if (init) this.#appendAll(init);
  }

  /**
   * Fields from validated lines, each ending in CRLF, in `text` from `start` to
   * `end`.
   */
  static fromCheckedLines(
    text: string,
    start = 0,
    end = text.length,
  ): HttpHeaders {
    const headers = new HttpHeaders();
    headers.#text = text;
    headers.#linesStart = start;
    headers.#linesEnd = end;
    return headers;
  }

  /** Number of field lines. */
  get size(): number {
    return this.#all.length / 2;
  }

  /**
   * The value of the field. Several lines are joined with ", " (RFC 9110 §5.3),
   * those of Cookie with "; " (RFC 6265 §5.4). Set-Cookie must not be joined:
   * only its first line is returned.
   */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const first = this.#indexOf(wanted, 0);
    if (first < 0) return undefined;
    let value = this.#all[first + 1] as string;
    if (wanted === "set-cookie") return value;
    const separator = wanted === "cookie" ? "; " : ", ";
    let next = this.#indexOf(wanted, first + 2);
    while (next >= 0) {
      value += separator + this.#all[next + 1];
      next = this.#indexOf(wanted, next + 2);
    }
    return value;
  }

  /** The values of all lines of that name, in order. */
  getAll(name: string): string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    let at = this.#indexOf(wanted, 0);
    while (at >= 0) {
      values.push(this.#all[at + 1] as string);
      at = this.#indexOf(wanted, at + 2);
    }
    return values;
  }

  has(name: string): boolean {
    return this.#indexOf(name.toLowerCase(), 0) >= 0;
  }

  /** Replaces all lines of that name by one. */
  set(name: string, value: string): this {
    checkName(name);
    checkValue(name, value);
    this.#willChange();
    if (this.#indexOf(name.toLowerCase(), 0) >= 0) this.delete(name);
    this.#push(name, value);
    return this;
  }

  /** Adds a line. */
  append(name: string, value: string): this {
    this.#willChange();
    checkName(name);
    checkValue(name, value);
    this.#push(name, value);
    return this;
  }

  delete(name: string): boolean {
    this.#willChange();
    const wanted = name.toLowerCase();
    const before = this.#all.length;
    let at = this.#indexOf(wanted, 0);
    while (at >= 0) {
      this.#frozenParts = undefined;
      this.#all.splice(at, 2);
      at = this.#indexOf(wanted, at);
    }
    return this.#all.length < before;
  }

  /** Every line as [name in lower case, value], in order. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let at = 0; at < this.#all.length; at += 2) {
      const name = this.#all[at] as string;
      yield [name.toLowerCase(), this.#all[at + 1] as string];
    }
  }

  /** Calls back with every line, the name in its original case. */
  forEachLine(visit: (name: string, value: string) => void): void {
    const flat = this.#all;
    for (let at = 0; at < flat.length; at += 2) {
      visit(flat[at] as string, flat[at + 1] as string);
    }
  }

  /**
   * Every line as [name in its original case, value], in order. Parsed lines
   * are returned without later changes.
   */
  linesAsSent(): [name: string, value: string][] {
    const isParsed = this.#linesEnd > this.#linesStart;
    const flat = isParsed
      ? splitLines(this.#text, this.#linesStart, this.#linesEnd)
      : this.#all;
    const lines: [string, string][] = [];
    for (let at = 0; at < flat.length; at += 2) {
      lines.push([flat[at] as string, flat[at + 1] as string]);
    }
    return lines;
  }

  /** Passes every line to the visitor, in order. */
  accept(visitor: FieldVisitor): void {
    const flat = this.#all;
    const parts = this.#frozenParts ?? NO_PARTS;
    let next = 0;
    let at = 0;
    while (at < flat.length) {
      const part = parts[next];
      if (part?.start === at) {
        visitor.onFrozen(part.fields);
        at += part.fields.#all.length;
        next++;
      } else {
        visitor.onLine(flat[at] as string, flat[at + 1] as string);
        at += 2;
      }
    }
  }

  /** Adds the lines whose names are missing. */
  addMissing(defaults: HttpHeaders): this {
    this.#willChange();
    if (defaults.isFrozen && !this.#hasAnyOf(defaults.#frozenNames)) {
      this.#addFrozen(defaults);
      return this;
    }
    const missing: string[] = [];
    defaults.forEachLine((name, value) => {
      if (!this.has(name)) missing.push(name, value);
    });
    this.#all.push(...missing);
    return this;
  }

  /** Sets all given fields, which have one line per name. */
  setAll(fields: HttpHeaders): this {
    this.#willChange();
    if (fields.isFrozen && !this.#hasAnyOf(fields.#frozenNames)) {
      this.#addFrozen(fields);
    } else fields.forEachLine((name, value) => this.set(name, value));
    return this;
  }

  /** Makes later changes throw, so that responses can share the fields. */
  freeze(): this {
    this.#isFrozen = true;
    return this;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  get #all(): string[] {
    this.#flat ??= splitLines(this.#text, this.#linesStart, this.#linesEnd);
    return this.#flat;
  }

  /** In lower case; cached, because frozen fields do not change. */
  get #frozenNames(): readonly string[] {
    this.#lowerCaseNames ??= Array.from(this, ([name]) => name);
    return this.#lowerCaseNames;
  }

  #hasAnyOf(lowerCaseNames: readonly string[]): boolean {
    for (const name of lowerCaseNames) {
      if (this.#indexOf(name, 0) >= 0) return true;
    }
    return false;
  }

  #copy(fields: HttpHeaders): void {
    this.#flat = fields.#all.slice();
    if (fields.isFrozen) this.#frozenParts = [{ start: 0, fields }];
  }

  #addFrozen(fields: HttpHeaders): void {
    const all = this.#all;
    this.#frozenParts ??= [];
    this.#frozenParts.push({ start: all.length, fields });
    for (const text of fields.#all) all.push(text);
  }

  #indexOf(lowerCaseName: string, from: number): number {
    const flat = this.#all;
    for (let at = from; at < flat.length; at += 2) {
      const name = flat[at] as string;
      if (
        name.length === lowerCaseName.length &&
        (name === lowerCaseName || name.toLowerCase() === lowerCaseName)
      ) {
        return at;
      }
    }
    return -1;
  }

  #appendAll(init: HeadersInit): void {
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const [name, value] of pairs as Iterable<[string, unknown]>) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) this.append(name, String(one));
    }
  }

  #push(name: string, value: string): void {
    // trim() would remove U+00A0, which a value may contain.
    this.#all.push(name, trimBlanks(value, 0, value.length));
  }

  #willChange(): void {
    if (this.#isFrozen) throw new TypeError("these fields are frozen");
    this.memo = undefined;
  }
}

/** name, value, name, value, … of field lines. */
function splitLines(text: string, start: number, end: number): string[] {
  const flat: string[] = [];
  let count = 0;
  let at = start;
  while (at < end) {
    const colon = text.indexOf(":", at);
    // No value contains CR, and one character is found faster than two.
    const lineEnd = text.indexOf("\r", colon);
    // Calls of push() would add a tenth to the cost of this function.
    flat[count++] = text.slice(at, colon);
    flat[count++] = trimBlanks(text, colon + 1, lineEnd);
    at = lineEnd + 2;
  }
  return flat;
}

function checkName(name: string): void {
  if (isToken(name)) return;
  throw new TypeError(
    `field name ${JSON.stringify(name)} is not a token (RFC 9110 §5.1)`,
  );
}

function checkValue(name: string, value: string): void {
  if (typeof value === "string" && FIELD_VALUE.test(value)) return;
  throw new TypeError(
    `the value of field ${name} must be text without control characters, ` +
      `CR, LF or characters beyond Latin-1 (RFC 9110 §5.5): ` +
      `${JSON.stringify(value)}`,
  );
}
