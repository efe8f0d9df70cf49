import type { PathParams } from "../http/http-request.ts";
import { hasDotSegment } from "./dot-segment.ts";
import { ParamPattern } from "./param-pattern.ts";

/**
 * The path parameters of a pattern:
 *
 *     PathParamsOf<"/users/:id/posts/:post"> = { id: string; post: string }
 *     PathParamsOf<"/orders/:id(\\d+)"> = { id: string }
 *     PathParamsOf<"/files/*path"> = { path: string }
 *     PathParamsOf<"/files/*"> = { "*": string }
 *
 * A pattern that is known only at run time has any names.
 */
export type PathParamsOf<Pattern extends string> = string extends Pattern
  ? PathParams
  : { [Name in NamesIn<Pattern>]: string };

type NamesIn<Pattern extends string> =
  Pattern extends `${infer Segment}/${infer Rest}`
    ? NameOf<Segment> | NamesIn<Rest>
    : NameOf<Pattern>;

type NameOf<Segment extends string> = Segment extends "*"
  ? "*"
  : Segment extends `:${infer Name}(${string}`
    ? Name
    : Segment extends `:${infer Name}` | `*${infer Name}`
      ? Name
      : never;

export type PatternSegment =
  | { readonly type: "static"; readonly text: string }
  | {
      readonly type: "param";
      readonly name: string;
      /** Constraint on the segment. */
      readonly form: ParamPattern | undefined;
    }
  | { readonly type: "wildcard"; readonly name: string };

/** A parsed route pattern. */
export interface ParsedPattern {
  /** The pattern as registered. */
  readonly source: string;
  readonly segments: readonly PatternSegment[];
  /** Names of the parameters and the wildcard, in order. */
  readonly names: readonly string[];
  /** The path of a pattern without parameters and wildcard. */
  readonly staticPath: string | undefined;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const FORM = /^([^(]*)\((.*)\)$/s;
// RFC 3986 §3.3: all other characters of a segment are escaped.
const NOT_IN_SEGMENT = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%]+/g;

/**
 * Parses a pattern: static text, `:name` for one segment that is not empty,
 * `:name(form)` for one of that form (see `ParamPattern`), and as the last
 * segment `*name` or `*` for the rest of the path.
 *
 * Static text is compared with the undecoded path, so characters that a path
 * cannot contain are escaped here ("/café" stands for "/caf%C3%A9").
 *
 * @throws TypeError for an invalid pattern
 */
export function parsePattern(source: string): ParsedPattern {
  if (typeof source !== "string" || !source.startsWith("/")) {
    throw wrong(source, 'it must start with "/"');
  }
  if (/[?#]/.test(source.replaceAll(/\([^/]*\)/g, ""))) {
    throw wrong(source, 'it is a path only, without "?" or "#"');
  }
  if (hasDotSegment(source)) {
    throw wrong(source, 'requests with "." or ".." segments are refused');
  }
  const parts = source.slice(1).split("/");
  const segments = parts.map((part, index) =>
    parseSegment(part, index === parts.length - 1, source),
  );
  const names = segments.flatMap((one) =>
    one.type === "static" ? [] : one.name,
  );
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) {
    throw wrong(source, `it has two parameters named "${repeated}"`);
  }
  const staticPath = names.length === 0 ? pathOf(segments) : undefined;
  return { source, segments, names, staticPath };
}

function parseSegment(
  part: string,
  isLast: boolean,
  source: string,
): PatternSegment {
  if (part.startsWith(":")) return parseParam(part.slice(1), source);
  if (part.startsWith("*")) {
    if (!isLast) throw wrong(source, `"${part}" must be the last segment`);
    return parseWildcard(part.slice(1), source);
  }
  if (part.includes("*")) {
    throw wrong(source, `in "${part}", "*" must start the segment`);
  }
  if (part === "" && !isLast) {
    throw wrong(source, 'it has an empty segment ("//")');
  }
  return { type: "static", text: escaped(part, source) };
}

function parseParam(text: string, source: string): PatternSegment {
  const [, formedName, formText] = FORM.exec(text) ?? [];
  const name = formedName ?? text;
  if (name === "") throw wrong(source, 'a parameter (":") has no name');
  checkName(name, source);
  const form = formText === undefined ? undefined : parseForm(formText, source);
  return { type: "param", name, form };
}

function parseForm(text: string, source: string): ParamPattern {
  try {
    return new ParamPattern(text);
  } catch (error) {
    throw wrong(source, `the form "${text}": ${(error as Error).message}`);
  }
}

function parseWildcard(name: string, source: string): PatternSegment {
  if (name !== "") checkName(name, source);
  return { type: "wildcard", name: name || "*" };
}

function checkName(name: string, source: string): void {
  if (NAME.test(name)) return;
  const allowed = "letters, digits and _, and does not start with a digit";
  throw wrong(source, `a parameter's name has ${allowed}: "${name}"`);
}

function escaped(text: string, source: string): string {
  if (BAD_ESCAPE.test(text)) {
    throw wrong(source, `in "${text}", "%" is no escape: write "%25"`);
  }
  try {
    return text.replace(NOT_IN_SEGMENT, encodeURIComponent);
  } catch {
    throw wrong(source, "it has half of a surrogate pair");
  }
}

function pathOf(segments: readonly PatternSegment[]): string {
  return segments.map((one) => `/${"text" in one ? one.text : ""}`).join("");
}

function wrong(source: unknown, why: string): TypeError {
  return new TypeError(`bad route pattern ${JSON.stringify(source)}: ${why}`);
}
