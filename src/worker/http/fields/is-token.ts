const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether the text is a token (RFC 9110 §5.6.2). */
export function isToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}
