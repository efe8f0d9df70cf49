import { inspect } from "node:util";
import { describeOrigin } from "./describe-origin.ts";
import { withoutRedisUrls } from "./without-password.ts";

/** One problem in the settings that were given. */
export type SettingProblem =
  | {
      readonly type: "invalidValue";
      readonly path: string;
      readonly value: unknown;
      readonly origin: string;
      /** Completes "must be …". */
      readonly valid: string;
      /** The value may have a password in it. */
      readonly isSecret?: true;
    }
  | {
      readonly type: "unknownName";
      readonly name: string;
      readonly origin: string;
      readonly nearest: string | undefined;
    }
  | {
      readonly type: "unusableApp";
      readonly file: string;
      readonly reason: "does not exist" | "is not a file";
      readonly origin: string;
    }
  | {
      readonly type: "unusableFile";
      readonly path: string;
      readonly file: string;
      readonly origin: string;
      /** Completes a sentence that begins with the file. */
      readonly reason: string;
    }
  | { readonly type: "configFile"; readonly reason: string };

const MAX_VALUE_LENGTH = 60;
const INSPECT_OPTIONS = { depth: 1, breakLength: Infinity } as const;

/** The problem in one line, without a full stop. */
export function describeProblem(problem: SettingProblem): string {
  return withoutRedisUrls(description(problem));
}

function description(problem: SettingProblem): string {
  switch (problem.type) {
    case "invalidValue": {
      const { value, origin, isSecret } = problem;
      const shown = isSecret ? "not shown" : describeValue(value);
      const given = `${shown} (${describeOrigin(origin)})`;
      return `${problem.path} is ${given}; it must be ${problem.valid}`;
    }
    case "unknownName": {
      const { name, origin, nearest } = problem;
      const where = name === origin ? "" : ` (${describeOrigin(origin)})`;
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      return `there is no setting ${name}${where}${hint}`;
    }
    case "unusableApp": {
      const { file, origin, reason } = problem;
      return `app module "${file}" (${describeOrigin(origin)}) ${reason}`;
    }
    case "unusableFile": {
      const { path, file, origin, reason } = problem;
      return `${path} "${file}" (${describeOrigin(origin)}) ${reason}`;
    }
    case "configFile":
      return problem.reason;
    default:
      return problem satisfies never;
  }
}

function describeValue(value: unknown): string {
  const isText = typeof value === "string";
  const given = isText
    ? JSON.stringify(value)
    : inspect(value, INSPECT_OPTIONS);
  // Before the text is cut: part of a password must not show either.
  const text = withoutRedisUrls(given);
  if (text.length <= MAX_VALUE_LENGTH) return text;
  return `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}
