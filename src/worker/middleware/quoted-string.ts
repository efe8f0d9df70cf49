const QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a quoted-string can hold it (RFC 9110 §5.6.4). */
export function isQuotable(text: unknown): text is string {
  return typeof text === "string" && QUOTABLE.test(text);
}

/** A quoted-string (RFC 9110 §5.6.4). @param text that is quotable */
export function quotedString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
