/**
 * What a part of a form says about itself, RFC 7578 §4. Names are read as Fetch
 * reads them, and as browsers write them: in UTF-8, with `%22`, `%0D` and `%0A`
 * for a quote and line ends. A quote as `\"`, which older clients write, is
 * read too.
 */
import { HttpError } from "./errors.ts";
import { checkLimit, type FormLimits } from "./form-limits.ts";
import { charsetOf, isUtf8, parseMediaType } from "./media-type.ts";
import { readParameters } from "./parameters.ts";
import { utf8Text } from "./utf8-text.ts";

export interface PartHead {
  readonly name: string;
  /** Undefined for a part that is a text. */
  readonly filename: string | undefined;
  /** Its Content-Type as sent; "text/plain" without one. */
  readonly type: string;
}

/** Field lines by lower-case name, in Latin-1. */
export type PartFields = Readonly<Record<string, readonly string[]>>;

const MAX_FIELDS = 16;
const MAX_HEAD_BYTES = 4_096;
const FORM_DATA = /^form-data(?![^ \t;])/i;
/** Codings of RFC 2045 that leave the bytes as they are. */
const PLAIN_ENCODING = /^(?:7bit|8bit|binary)$/i;

/**
 * @throws HttpError 400 where it is not valid, 413 where it is too large, 415
 * where the part is encoded in a way that is not read
 */
export function readPartHead(fields: PartFields, limits: FormLimits): PartHead {
  checkSize(fields);
  const parameters = dispositionOf(fields);
  const name = parameters.get("name");
  if (name === undefined) throw bad("a part without a name");
  checkLimit("a name in the form", name.length, limits.maxNameBytes);
  const filename = parameters.get("filename");
  const head = {
    name: readName(name),
    filename: filename && baseName(readName(filename)),
    type: only(fields, "content-type") ?? "text/plain",
  };
  checkEncoding(fields, head);
  return head;
}

function checkSize(fields: PartFields): void {
  let count = 0;
  let bytes = 0;
  for (const [name, values] of Object.entries(fields)) {
    for (const value of values) {
      count++;
      bytes += name.length + value.length;
    }
  }
  checkLimit("the head of a part", bytes, MAX_HEAD_BYTES);
  if (count <= MAX_FIELDS) return;
  throw new HttpError(413, `a part with more than ${MAX_FIELDS} field lines`);
}

/** `form-data; name="photo"; filename="horse.jpg"`, with what is in quotes. */
function dispositionOf(fields: PartFields): ReadonlyMap<string, string> {
  const text = only(fields, "content-disposition");
  if (text === undefined) {
    throw bad("a part without Content-Disposition, or with a broken head");
  }
  const [type] = FORM_DATA.exec(text) ?? [];
  const raw = type && readParameters(text, type.length);
  if (!raw) {
    const right = 'form-data; name="…"';
    throw bad(`a part's Content-Disposition that is not ${right}`);
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of raw) {
    // RFC 7578 §4.2: it must not be used.
    if (name.endsWith("*")) throw bad(`${name} is not for forms`);
    parameters.set(name, value.startsWith('"') ? value.slice(1, -1) : value);
  }
  return parameters;
}

function checkEncoding(fields: PartFields, { name, ...head }: PartHead): void {
  const encoding = only(fields, "content-transfer-encoding") ?? "binary";
  // RFC 7578 §4.7: deprecated; what is encoded is not what it seems.
  if (!PLAIN_ENCODING.test(encoding)) {
    throw new HttpError(415, `"${name}" has a Content-Transfer-Encoding`);
  }
  if (head.filename !== undefined) return;
  const charset = charsetOf(parseMediaType(head.type));
  if (isUtf8(charset)) return;
  throw new HttpError(415, `"${name}" is not in UTF-8, but in ${charset}`);
}

function only(fields: PartFields, name: string): string | undefined {
  const values = fields[name] ?? [];
  if (values.length > 1) throw bad(`a part with two ${name} lines`);
  return values[0]?.trim();
}

function readName(raw: string): string {
  const bytes = Buffer.from(raw, "latin1");
  return utf8Text(bytes, "a name in the form")
    .replace(/\\(["\\])/g, "$1")
    .replace(/%(?:22|0d|0a)/gi, decodeURIComponent);
}

/**
 * RFC 7578 §4.2: "do not use directory path information that may be present".
 * Of both kinds of path: the system that wrote it is the client's.
 */
function baseName(path: string): string {
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const base = path.slice(slash + 1);
  return base === "." || base === ".." ? "" : base;
}

function bad(what: string): HttpError {
  return new HttpError(400, `the form is not valid: ${what}`);
}
