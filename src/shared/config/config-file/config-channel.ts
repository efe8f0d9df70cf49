/** The protocol with the process that evaluates a config file. */

/** Descriptor for the result, one line of JSON. */
export const RESULT_FD = 3;
/** Descriptor of a pipe that ends with the parent process. */
export const PARENT_FD = 4;

/** Longer results are refused. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

export type ConfigResult =
  | { readonly type: "content"; readonly content: object }
  /** The export is not a plain object. */
  | { readonly type: "noObject" }
  /** The content is not plain data. A problem is like `port is a function`. */
  | { readonly type: "notPlain"; readonly problems: readonly string[] }
  /** It threw, or left a promise rejected. */
  | {
      readonly type: "failure";
      readonly message: string;
      readonly line?: string | undefined;
      readonly stack?: string | undefined;
    };

/** @returns undefined for another text, which the file itself wrote */
export function readConfigResult(text: string): ConfigResult | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isResult(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isResult(value: unknown): value is ConfigResult {
  const { type, content, problems, message, line, stack } = Object(value);
  switch (type) {
    case "content":
      return typeof content === "object" && content !== null;
    case "noObject":
      return true;
    case "notPlain":
      return Array.isArray(problems) && problems.every(isText);
    case "failure":
      return isText(message) && isTextIfAny(line) && isTextIfAny(stack);
    default:
      return false;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextIfAny(value: unknown): boolean {
  return value === undefined || isText(value);
}
