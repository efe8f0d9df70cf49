import type { ParsedPattern, PatternSegment } from "./pattern.ts";

/** Values of path parameters by name. */
export type UrlParams = Readonly<Record<string, string | number>>;

/**
 * Builds the percent-encoded path of a pattern with the given values.
 *
 * @throws TypeError for a missing or surplus value, or one for which the path
 * would not match the pattern
 */
export function routeUrl(pattern: ParsedPattern, params: UrlParams): string {
  const surplus = Object.keys(params).find((name) => {
    return !pattern.names.includes(name);
  });
  if (surplus !== undefined) {
    throw wrong(pattern, `it has no parameter "${surplus}"`);
  }
  const path = pattern.segments.map((segment) => {
    return `/${segmentText(segment, params, pattern)}`;
  });
  return path.join("");
}

function segmentText(
  segment: PatternSegment,
  params: UrlParams,
  pattern: ParsedPattern,
): string {
  if (segment.type === "static") return segment.text;
  const { name } = segment;
  if (!Object.hasOwn(params, name)) {
    throw wrong(pattern, `a value for "${name}" is missing`);
  }
  const value = String(params[name]);
  const parts = segment.type === "wildcard" ? value.split("/") : [value];
  if (parts.some((part) => part === "." || part === "..")) {
    throw wrong(pattern, `"${name}" would be a "." or ".." segment`);
  }
  if (segment.type === "param") {
    if (value === "") throw wrong(pattern, `the value of "${name}" is empty`);
    if (segment.form && !segment.form.test(value)) {
      const form = segment.form.source;
      throw wrong(pattern, `"${value}" is not of the form ${form}`);
    }
  }
  return parts.map(encodeURIComponent).join("/");
}

function wrong({ source }: ParsedPattern, why: string): TypeError {
  return new TypeError(`no URL for ${source}: ${why}`);
}
