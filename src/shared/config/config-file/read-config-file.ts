import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { SettingsError } from "../checks/settings-error.ts";
import { MAX_CONFIG_BYTES, readConfigResult } from "./config-channel.ts";
import { type ConfigEnd, runConfigFile } from "./config-process.ts";
import { isPlainObject } from "./plain-copy.ts";

export interface ConfigRead {
  readonly content: object;
  /** Output of the file, in one line. */
  readonly printed: string;
}

export interface ConfigReadOptions {
  /** Working folder of the module. */
  readonly folder: string;
  readonly timeoutMs: number;
}

/** Characters of the output that are shown of its start, and of its end. */
const SHOWN_LENGTH = 500;

/**
 * Reads a config file from disk: its export, or the result of the exported
 * function. A module is evaluated in another process, so that its effects end
 * and nothing is cached. An empty file has no settings.
 *
 * @param file absolute path of a module, or of a .json file
 * @throws SettingsError when it cannot be read, throws, ends its process, holds
 *   no plain object, or is not done in time
 */
export async function readConfigFile(
  file: string,
  options: ConfigReadOptions,
): Promise<ConfigRead> {
  if (isEmpty(file)) return { content: {}, printed: "" };
  if (path.extname(file) === ".json") {
    return { content: readJson(file), printed: "" };
  }
  const end = await runConfigFile({ file, ...options });
  const printed = shortened(oneLine(printedBy(end)));
  return { content: contentOf(file, end, options), printed };
}

function isEmpty(file: string): boolean {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw new Error("it is not a regular file");
    return stats.size === 0;
  } catch (error) {
    throw refusal(file, `cannot be read: ${(error as Error).message}`, error);
  }
}

function readJson(file: string): object {
  let content: unknown;
  try {
    if (statSync(file).size > MAX_CONFIG_BYTES) {
      throw new Error(`it has more than ${MAX_CONFIG_BYTES} bytes`);
    }
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw refusal(file, `fails: ${oneLine((error as Error).message)}`, error);
  }
  if (isPlainObject(content)) return content;
  throw refusal(file, "must hold an object");
}

function contentOf(
  file: string,
  end: ConfigEnd,
  { timeoutMs }: ConfigReadOptions,
): object {
  const fail = (what: string, cause?: unknown): never => {
    const printed = shortened(oneLine(printedBy(end)));
    const rest = printed === "" ? "" : `; it printed: ${printed}`;
    throw refusal(file, what + rest, cause);
  };
  switch (end.type) {
    case "result":
      return contentIn(end.text, fail);
    case "ended": {
      const syntax = syntaxProblem(file, end.printed);
      if (syntax !== undefined) throw refusal(file, syntax);
      return fail(`fails: it ${end.how} before it gave its settings`);
    }
    case "late":
      return fail(`fails: it has not settled after ${timeoutMs} ms`);
    case "tooMuch":
      return fail(`fails: it writes more than ${MAX_CONFIG_BYTES} bytes`);
    case "noProcess":
      return fail(
        `cannot be read: no process can be started for it (${end.error.message})`,
        end.error,
      );
    default:
      return end satisfies never;
  }
}

function contentIn(
  text: string,
  fail: (what: string, cause?: unknown) => never,
): object {
  const result = readConfigResult(text);
  switch (result?.type) {
    case undefined:
      return fail("fails: its result cannot be understood");
    case "content":
      return result.content;
    case "noObject":
      return fail(
        "must default-export an object, or a function that returns one",
      );
    case "notPlain":
      return fail(`must hold plain data only: ${result.problems.join(", ")}`);
    case "failure": {
      const { message, line, stack } = result;
      const where = line === undefined ? "" : ` in line ${line}`;
      const cause = Object.assign(new Error(message), stack && { stack });
      return fail(`fails${where}: ${oneLine(message)}`, cause);
    }
    default:
      return result satisfies never;
  }
}

/**
 * Node has the line of a syntax error only in what it prints: the file with the
 * line, the code, and the message.
 */
function syntaxProblem(file: string, printed: string): string | undefined {
  const place = /^(?:file:\/\/)?(\/.*):(\d+)$/m.exec(printed);
  const message = /^SyntaxError.*$/m.exec(printed)?.[0];
  if (!place || message === undefined) return undefined;
  const [, url = "", line] = place;
  const isOwn = path.basename(decoded(url)) === path.basename(file);
  const where = isOwn ? `line ${line}` : `${decoded(url)}:${line}`;
  return `fails in ${where}: ${oneLine(message.replace("SyntaxError: ", ""))}`;
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function printedBy(end: ConfigEnd): string {
  return end.type === "noProcess" ? "" : end.printed;
}

/** Without line breaks and control characters. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
}

function shortened(text: string): string {
  if (text.length <= 2 * SHOWN_LENGTH) return text;
  return `${text.slice(0, SHOWN_LENGTH)} … ${text.slice(-SHOWN_LENGTH)}`;
}

function refusal(file: string, what: string, cause?: unknown): SettingsError {
  const reason = `config file "${file}" ${what}`;
  return new SettingsError([{ type: "configFile", reason }], cause);
}
