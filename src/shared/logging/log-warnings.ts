/**
 * Logs warnings of Node.js and of libraries (`process.emitWarning()`). Node.js
 * would print them as text on the standard error, and block until they are
 * read.
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

/** Whether the user redirects warnings to a file. */
function areRedirected(): boolean {
  const { env, execArgv } = process;
  return (
    Boolean(env.NODE_REDIRECT_WARNINGS) ||
    `${execArgv} ${env.NODE_OPTIONS}`.includes("--redirect-warnings")
  );
}
