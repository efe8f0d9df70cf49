import { visibleText } from "../../shared/visible-text.ts";

/** Where lines for the user go. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
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
