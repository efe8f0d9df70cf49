/**
 * The head of a part of a form (RFC 7578 §4). Names are decoded as in Fetch and
 * as browsers encode them: UTF-8, with `%22`, `%0D` and `%0A` for a quote and
 * line ends. The quote `\"` of older clients is decoded too.
 */

import { decodeUtf8 } from "../body/decode-utf8.ts";
import { charsetOf, isUtf8, parseMediaType } from "../fields/media-type.ts";
import { readParameters } from "../fields/read-parameters.ts";
import { trimBlanks } from "../fields/trim-blanks.ts";
import { HttpError } from "../http-error.ts";
import { checkLimit, type FormLimits } from "./form-limits.ts";
import { invalidForm } from "./invalid-form.ts";

export interface PartHead {
  readonly name: string;
  /** Undefined for a text field. */
  readonly filename: string | undefined;
  /** Its Content-Type as sent; "text/plain" without one. */
  readonly type: string;
}

const MAX_FIELDS = 16;
/** The field body is as in RFC 5322 §3.2.5, or not ASCII. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** RFC 5322 §2.2.3; a line may not begin with folding. */
const FOLD = /\r\n(?=[ \t])/g;
const DISPOSITION = "content-disposition";
const TYPE = "content-type";
const ENCODING = "content-transfer-encoding";
/** RFC 7578 §4.8: other fields are ignored. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  DISPOSITION,
  TYPE,
  ENCODING,
]);
const FORM_DATA = /^form-data(?![^ \t;])/i;
/** Codings of RFC 2045 that leave the bytes as they are. */
const PLAIN_ENCODING = /^(?:7bit|8bit|binary)$/i;

/** Known fields by lower-case name, in Latin-1. */
type PartFields = ReadonlyMap<string, string>;

/**
 * @param lines field lines in Latin-1, "" for none
 * @throws HttpError 400 where it is not valid, 413 where it is too large, 415
 * where the part's encoding is not supported
 */
export function readPartHead(lines: string, limits: FormLimits): PartHead {
  const fields = fieldsIn(lines);
  const parameters = dispositionOf(fields);
  const name = parameters.get("name");
  if (name === undefined) throw invalidForm("a part without a name");
  checkLimit("a name in the form", name.length, limits.maxNameBytes);
  const filename = parameters.get("filename");
  const head = {
    name: readName(name),
    filename: filename && baseName(readName(filename)),
    type: fields.get(TYPE) ?? "text/plain",
  };
  checkEncoding(fields, head);
  return head;
}

function fieldsIn(lines: string): PartFields {
  const fields = new Map<string, string>();
  if (lines === "") return fields;
  const found = lines.replace(FOLD, "").split("\r\n");
  if (found.length > MAX_FIELDS) {
    throw new HttpError(413, `a part with more than ${MAX_FIELDS} field lines`);
  }
  for (const line of found) {
    const [, given, value] = FIELD.exec(line) ?? [];
    if (given === undefined || value === undefined) {
      throw invalidForm("a part with a field line that is not valid");
    }
    const name = given.toLowerCase();
    if (!KNOWN_FIELDS.has(name)) continue;
    if (fields.has(name)) throw invalidForm(`a part with two ${name} lines`);
    fields.set(name, trimBlanks(value, 0, value.length));
  }
  return fields;
}

/** `form-data; name="photo"; filename="horse.jpg"`, with unquoted values. */
function dispositionOf(fields: PartFields): ReadonlyMap<string, string> {
  const text = fields.get(DISPOSITION);
  if (text === undefined) {
    throw invalidForm("a part without Content-Disposition");
  }
  const [type] = FORM_DATA.exec(text) ?? [];
  const raw = type && readParameters(text, type.length);
  if (!raw) {
    const right = 'form-data; name="…"';
    throw invalidForm(`a part's Content-Disposition that is not ${right}`);
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of raw) {
    // RFC 7578 §4.2 forbids extended parameters.
    if (name.endsWith("*")) throw invalidForm(`${name} is not for forms`);
    parameters.set(name, value.startsWith('"') ? value.slice(1, -1) : value);
  }
  return parameters;
}

function checkEncoding(fields: PartFields, { name, ...head }: PartHead): void {
  const encoding = fields.get(ENCODING) ?? "binary";
  // RFC 7578 §4.7: transfer encodings are deprecated.
  if (!PLAIN_ENCODING.test(encoding)) {
    throw new HttpError(415, `"${name}" has a Content-Transfer-Encoding`);
  }
  if (head.filename !== undefined) return;
  const charset = charsetOf(parseMediaType(head.type));
  if (isUtf8(charset)) return;
  throw new HttpError(415, `"${name}" is not in UTF-8, but in ${charset}`);
}

function readName(raw: string): string {
  const bytes = Buffer.from(raw, "latin1");
  return decodeUtf8(bytes, "a name in the form")
    .replace(/\\(["\\])/g, "$1")
    .replace(/%(?:22|0d|0a)/gi, decodeURIComponent);
}

/**
 * RFC 7578 §4.2: "do not use directory path information that may be present".
 * Handles both separators, because the client's system is unknown.
 */
function baseName(path: string): string {
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const base = path.slice(slash + 1);
  return base === "." || base === ".." ? "" : base;
}
