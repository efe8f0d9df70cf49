/**
 * Warnings of Node and of libraries (`process.emitWarning()`) as lines of the
 * log. Node prints them on the standard error as text, and waits for its
 * reader.
 */
import { type Logger, processLogger } from "./logger.ts";

/** Name of Node's own listener, which is absent with `--no-warnings`. */
const NODE_LISTENER = "onWarning";

export function logWarnings(): void {
  const listeners = process.listeners("warning");
  const own = listeners.find(({ name }) => name === NODE_LISTENER);
  if (!own || areRedirected()) return;
  process.off("warning", own);
  process.on("warning", (err) => warn(processLogger(), err));
}

function warn(logger: Logger, err: Error): void {
  logger.warn({ err }, "warning of Node or a library");
}

/** To a file, by the user's wish. */
function areRedirected(): boolean {
  const { env, execArgv } = process;
  return (
    Boolean(env.NODE_REDIRECT_WARNINGS) ||
    `${execArgv} ${env.NODE_OPTIONS}`.includes("--redirect-warnings")
  );
}
