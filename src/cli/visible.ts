/**
 * Text that a terminal only shows, whoever wrote it: all control characters but
 * the end of a line, those of eight bits (0x80 to 0x9f) and those that change
 * the direction of a text become `\u001b`. JSON stays the same JSON.
 */
export function visible(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at).toString(16).padStart(4, "0");
    return `\\u${unit}`;
  }).join("");
}

/** The same error, and what has caused it, with texts that may be shown. */
export function withVisibleText(error: unknown): unknown {
  if (!(error instanceof Error)) return visible(String(error));
  const { message, stack } = error;
  error.message = visible(message);
  if (stack !== undefined) error.stack = visible(stack);
  if (error.cause instanceof Error) withVisibleText(error.cause);
  return error;
}
