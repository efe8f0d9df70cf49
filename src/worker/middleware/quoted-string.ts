import type { OptionRule } from "../../shared/check-options.ts";

const QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A text that a quoted-string can contain (RFC 9110 §5.6.4). */
export const quotable: OptionRule = {
  isValid: (value) => typeof value === "string" && QUOTABLE.test(value),
  valid: "a text of Latin-1 without control characters",
};

/** A quoted-string (RFC 9110 §5.6.4). @param text quotable */
export function quotedString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
