/**
 * Logs warnings of Node and of libraries (`process.emitWarning()`). Node would
 * print them on the standard error as text, and block until they are read.
 */

import { warningListener } from "../node-internals/warning-listener.ts";
import { type Logger, processLogger } from "./logger.ts";

export function logWarnings(): void {
  const printing = warningListener();
  if (!printing || areRedirected()) return;
  process.off("warning", printing);
  process.on("warning", (err) => warn(processLogger(), err));
}

function warn(logger: Logger, err: Error): void {
  logger.warn({ err }, "warning of Node or a library");
}

/** Whether the user has them written to a file. */
function areRedirected(): boolean {
  const { env, execArgv } = process;
  return (
    Boolean(env.NODE_REDIRECT_WARNINGS) ||
    `${execArgv} ${env.NODE_OPTIONS}`.includes("--redirect-warnings")
  );
}
