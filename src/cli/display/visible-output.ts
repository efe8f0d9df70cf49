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
  setText(error, "message", visibleText(message));
  if (stack !== undefined) setText(error, "stack", visibleText(stack));
  if (error.cause instanceof Error) withVisibleTexts(error.cause);
  return error;
}

/** The message of a DOMException, as of a time-out, has only a getter. */
function setText(error: Error, name: "message" | "stack", value: string) {
  const attributes = { configurable: true, writable: true };
  Object.defineProperty(error, name, { value, ...attributes });
}
