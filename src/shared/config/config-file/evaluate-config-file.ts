/**
 * The program of the process that evaluates a config file. It reports the
 * content and is killed, which ends everything that the file left running. See
 * config-process.ts.
 */
import "../../early-signals.ts";
import { realpathSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Worker as Thread } from "node:worker_threads";
import { ownFile } from "../../own-folder.ts";
import {
  type ConfigResult,
  MAX_CONFIG_BYTES,
  RESULT_FD,
} from "./config-channel.ts";
import { isPlainObject, messageOf, plainCopy } from "./plain-copy.ts";

const [, , file = "", folder = ""] = process.argv;
const MAX_MESSAGE_LENGTH = 2_000;
let hasReported = false;

/** Only the first result counts. */
function report(result: ConfigResult): void {
  if (hasReported) return;
  hasReported = true;
  const text = JSON.stringify(result);
  const isTooLong = Buffer.byteLength(text) > MAX_CONFIG_BYTES;
  const problem = `it has more than ${MAX_CONFIG_BYTES} bytes`;
  const short: ConfigResult = { type: "notPlain", problems: [problem] };
  writeAll(Buffer.from(`${isTooLong ? JSON.stringify(short) : text}\n`));
}

function writeAll(bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length)
    written += writeSync(RESULT_FD, bytes, written);
}

function reportFailure(error: unknown): void {
  const message = messageOf(error).slice(0, MAX_MESSAGE_LENGTH);
  const stack = stackOf(error);
  report({ type: "failure", message, line: lineIn(stack), stack });
}

/** Advice for a version of Node that does not load TypeScript by itself. */
function typeScriptProblem(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && Reflect.get(error, "code");
  const isUnknown = code === "ERR_UNKNOWN_FILE_EXTENSION";
  if (!isUnknown || !/\.[cm]?ts$/.test(file)) return undefined;
  return (
    `Node ${process.version} does not read TypeScript: use Node 22.18 or ` +
    'newer, or install tsx and set NODE_OPTIONS="--import tsx"'
  );
}

/** Node prints the line of a SyntaxError, and the error does not have it. */
function onImportFailed(error: unknown): void {
  const problem = typeScriptProblem(error);
  if (problem !== undefined) {
    report({ type: "failure", message: problem });
    return;
  }
  const stack = stackOf(error);
  const isHidden = error instanceof SyntaxError && lineIn(stack) === undefined;
  if (!isHidden) {
    reportFailure(error);
    return;
  }
  process.removeAllListeners("uncaughtException");
  setImmediate(() => {
    throw error;
  });
}

function stackOf(error: unknown): string | undefined {
  try {
    const stack: unknown = Reflect.get(Object(error), "stack");
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The line in a stack, which has the path or the URL of the file. */
function lineIn(stack = ""): string | undefined {
  const target = realpathSync(file);
  const names = [target, pathToFileURL(target).href];
  for (const line of stack.split("\n")) {
    const name = names.find((each) => line.includes(each));
    const rest = name && line.slice(line.indexOf(name) + name.length);
    const match = /^:(\d+)/.exec(rest ?? "");
    if (match) return match[1];
  }
  return undefined;
}

async function evaluate(): Promise<void> {
  process.chdir(folder);
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    onImportFailed(error);
    return;
  }
  const exported = Reflect.get(Object(module), "default");
  const value: unknown =
    typeof exported === "function" ? await exported() : exported;
  const result = resultOf(value);
  // An unhandled rejection is reported before this.
  setImmediate(() => report(result));
}

function resultOf(value: unknown): ConfigResult {
  if (!isPlainObject(value)) return { type: "noObject" };
  const { copy, problems } = plainCopy(value);
  if (problems.length > 0) return { type: "notPlain", problems };
  return { type: "content", content: Object(copy) };
}

// The main thread may be in an endless loop.
const guard = ownFile("shared/config/config-file/watch-parent");
new Thread(guard, { env: {}, execArgv: [] }).on("error", () => {}).unref();
process.on("uncaughtException", reportFailure);
evaluate().catch(reportFailure);
