/** Where lines for the user go. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/**
 * Escapes what a terminal would obey: all control characters but the line feed,
 * those of eight bits (0x80 to 0x9f) and those that change the direction of
 * text become `\u001b`. JSON keeps its meaning. `util.stripVTControlCharacters`
 * knows escape sequences only.
 */
export function visibleText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at).toString(16).padStart(4, "0");
    return `\\u${unit}`;
  }).join("");
}

/** Runs work that shows texts of a daemon, which may be of another user. */
export async function withVisibleOutput(
  work: (output: Output) => Promise<number>,
): Promise<number> {
  // A reader that stops early, such as `head`, does not change the result.
  process.stdout.on("error", () => {});
  try {
    return await work({
      out: (line) => process.stdout.write(`${visibleText(line)}\n`),
      err: (line) => process.stderr.write(`remuda: ${visibleText(line)}\n`),
    });
  } catch (error) {
    throw withVisibleTexts(error);
  }
}

/** The same error and causes, with texts that can be shown. */
function withVisibleTexts(error: unknown): unknown {
  if (!(error instanceof Error)) return visibleText(String(error));
  const { message, stack } = error;
  error.message = visibleText(message);
  if (stack !== undefined) error.stack = visibleText(stack);
  if (error.cause instanceof Error) withVisibleTexts(error.cause);
  return error;
}
