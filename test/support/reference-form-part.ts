import type { ReferenceEntry, ReferenceFormLimits } from "./reference-form.ts";
import { exactly, refuseWhere, TCHAR, VCHAR } from "./reference-grammar.ts";

/** A part whose head has been read. */
interface ReferencePart {
  readonly maxBytes: number;
  readonly entryOf: (content: string) => ReferenceEntry;
}

const MAX_FIELDS = 16;
const BLANKS = "[ \\t]*";
const QUOTED = `"(?:(?!["\\\\])${VCHAR}|\\\\${VCHAR})*"`;
const PARAMETER = `${BLANKS};${BLANKS}(?:(${TCHAR}+)=(${TCHAR}+|${QUOTED}))?`;
const PARAMETERS = `((?:${PARAMETER})*)${BLANKS}`;
const FIELD = exactly(`(${TCHAR}+):${BLANKS}(${VCHAR}*?)${BLANKS}`);
const DISPOSITION = exactly(`[fF][oO][rR][mM]-[dD][aA][tT][aA]${PARAMETERS}`);
const MEDIA_TYPE = exactly(`${TCHAR}+/${TCHAR}+${PARAMETERS}`);
const ENCODINGS = ["7bit", "8bit", "binary"];
const CHARSETS = ["utf-8", "utf8", "us-ascii"];

/** Reads the lines of a part's head: RFC 7578 §4. */
export function readReferencePart(
  lines: readonly string[],
  limits: ReferenceFormLimits,
): ReferencePart {
  const fields = lines
    .join("\r\n")
    .replace(/\r\n([ \t])/g, "$1")
    .split("\r\n")
    .filter((line) => line !== "" || lines.length > 0)
    .map((line) => FIELD.exec(line));
  const valuesOf = (name: string) =>
    fields
      .filter((field) => field?.[1]?.toLowerCase() === name)
      .map((field) => field?.[2] ?? "");
  const dispositions = valuesOf("content-disposition");
  const types = valuesOf("content-type");
  const encodings = valuesOf("content-transfer-encoding");
  const [, given] = DISPOSITION.exec(dispositions[0] ?? "") ?? [];
  const parameters = parametersIn(given);
  const rawName = parameters?.get("name");
  refuseWhere({
    400:
      fields.includes(null) ||
      dispositions.length !== 1 ||
      types.length > 1 ||
      encodings.length > 1 ||
      rawName === undefined ||
      [...(parameters?.keys() ?? [])].some((name) => name.endsWith("*")),
    413:
      fields.length > MAX_FIELDS ||
      unquoted(rawName ?? "").length > limits.maxNameBytes,
  });
  const name = nameOf(rawName ?? "");
  const rawFilename = parameters?.get("filename");
  const isFile = rawFilename !== undefined;
  const filename = isFile ? baseOf(nameOf(rawFilename)) : "";
  const type = types[0] ?? "text/plain";
  const isPlain = ENCODINGS.includes((encodings[0] ?? "7bit").toLowerCase());
  refuseWhere({ 415: !isPlain || (!isFile && !isUnicode(type)) });
  const maxBytes = isFile ? limits.maxFileBytes : limits.maxFieldBytes;
  return {
    maxBytes,
    entryOf: (content) => {
      refuseWhere({ 413: content.length > maxBytes });
      if (!isFile) return { name, text: decoded(content) };
      // https://w3c.github.io/FileAPI/#dfn-type
      const isType = /^[\x20-\x7e]*$/.test(type);
      const fileType = isType ? type.toLowerCase() : "";
      return { name, filename, type: fileType, content };
    },
  };
}

/** Values as sent, by lower-case name; undefined if a name is repeated. */
function parametersIn(
  text: string | undefined,
): ReadonlyMap<string, string> | undefined {
  if (text === undefined) return undefined;
  const found = [...text.matchAll(new RegExp(PARAMETER, "g"))]
    .filter(([, name]) => name !== undefined)
    .map(([, name = "", value = ""]) => [name.toLowerCase(), value] as const);
  const parameters = new Map(found);
  return parameters.size === found.length ? parameters : undefined;
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1) : value;
}

/**
 * Decodes a name as browsers write it, and the two escapes of other clients.
 */
function nameOf(raw: string): string {
  return decoded(unquoted(raw))
    .replaceAll(/\\\\|\\"/g, (pair) => pair.charAt(1))
    .replaceAll("%22", '"')
    .replaceAll(/%0d/gi, "\r")
    .replaceAll(/%0a/gi, "\n");
}

/** RFC 7578 §4.2: removes the folders of both path styles. */
function baseOf(path: string): string {
  const base = path.split(/[/\\]/).at(-1) ?? "";
  return [".", ".."].includes(base) ? "" : base;
}

/** RFC 7578 §4.5: text is UTF-8 unless the type says otherwise. */
function isUnicode(type: string): boolean {
  const parameters = parametersIn(MEDIA_TYPE.exec(type)?.[1]);
  const charset = parameters?.get("charset");
  if (charset === undefined) return true;
  const plain = unquoted(charset);
  const text = charset === plain ? plain : plain.replaceAll(/\\(.)/g, "$1");
  return CHARSETS.includes(text.toLowerCase());
}

/** Decodes UTF-8 and removes a byte order mark. */
function decoded(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  const text = bytes.toString("utf8");
  refuseWhere({ 400: !Buffer.from(text, "utf8").equals(bytes) });
  return text.replace(/^\ufeff/, "");
}
