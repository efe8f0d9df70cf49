/**
 * Reads a config file as it is on disk now. A long-lived master does this at
 * every reload, so nothing here may come from a module cache. What the config
 * file itself imports is cached by Node as ever.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { SettingsError } from "./settings-error.ts";

const require = createRequire(import.meta.url);
let reads = 0;

/**
 * What the file exports, or what the function that it exports returns.
 * @param file absolute path of a module, or of a .json file
 * @throws SettingsError when it cannot be read, throws, holds no plain object,
 *   or is not done after `timeoutMs`
 */
export async function readConfigFile(
  file: string,
  timeoutMs: number,
): Promise<object> {
  const content = await inTime(evaluate(file), timeoutMs).catch((error) => {
    throw refusal(file, describeFailure(error, file), error);
  });
  if (isPlainObject(content)) return content;
  const wanted = isJson(file)
    ? "must hold an object"
    : "must default-export an object, or a function that returns one";
  throw refusal(file, wanted);
}

async function evaluate(file: string): Promise<unknown> {
  if (isJson(file)) return JSON.parse(readFileSync(file, "utf8"));
  // Both module loaders remember where a link led when they first saw it.
  const target = realpathSync(file);
  // A CommonJS module ignores the query: it is cached by its file name.
  delete require.cache[target];
  const url = pathToFileURL(target);
  url.searchParams.set("read", `${++reads}`);
  const module: unknown = await import(url.href);
  const exported = Reflect.get(Object(module), "default");
  return typeof exported === "function" ? exported() : exported;
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new Error(`it has not settled after ${timeoutMs} ms`);
    timer = setTimeout(reject, timeoutMs, error);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function refusal(file: string, what: string, cause?: unknown): SettingsError {
  const reason = `config file "${file}" ${what}`;
  return new SettingsError([{ type: "configFile", reason }], cause);
}

function describeFailure(error: unknown, file: string): string {
  if (!(error instanceof Error)) return `fails: ${String(error)}`;
  const message = error.message.replaceAll(/\s+/g, " ");
  const line = lineOf(error, file);
  if (line !== undefined) return `fails in line ${line}: ${message}`;
  // Node keeps the line of an ES module's syntax error to itself.
  const isHidden = error.name === "SyntaxError" && !isJson(file);
  return `fails: ${message}${isHidden ? " (node --check shows where)" : ""}`;
}

/** The stack names the file by its path, or by its URL with our query. */
function lineOf(error: Error, file: string): string | undefined {
  const target = existsSync(file) ? realpathSync(file) : file;
  const names = [target, pathToFileURL(target).href];
  for (const line of error.stack?.split("\n") ?? []) {
    const name = names.find((each) => line.includes(each));
    const rest = name && line.slice(line.indexOf(name) + name.length);
    const match = /^(?:\?read=\d+)?:(\d+)/.exec(rest ?? "");
    if (match) return match[1];
  }
  return undefined;
}

function isJson(file: string): boolean {
  return path.extname(file) === ".json";
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
