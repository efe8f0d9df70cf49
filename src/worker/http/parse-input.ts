import { HttpError } from "./http-error.ts";
import { isThenable } from "./is-thenable.ts";

/**
 * Validates a value and gives it a type: a function that throws, such as a zod
 * schema's `parse`, or a Standard Schema (https://standardschema.dev), such as
 * a schema of zod, valibot or arktype.
 */
export type Parser<Output> =
  | ((value: unknown) => Output | Promise<Output>)
  | StandardSchema<Output>;

export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly validate: (
      value: unknown,
    ) => StandardResult<Output> | Promise<StandardResult<Output>>;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** The name of the input in messages, and the status if it is not valid. */
export interface InputKind {
  readonly what: string;
  readonly status: number;
}

/**
 * @throws HttpError with `errors` (of `path` and `message`) among its members
 * where the parser finds issues; other errors of the parser
 */
export function parseInput<Output>(
  value: unknown,
  parser: Parser<Output>,
  kind: InputKind,
): Output | Promise<Output> {
  const failed = (error: unknown): never => {
    throw hasIssues(error) ? invalid(kind, error.issues, error) : error;
  };
  const parse = outcomeOf(parser);
  const settled = ({ issues, value }: Outcome<Output>): Output => {
    if (issues) throw invalid(kind, issues);
    return value as Output;
  };
  try {
    const outcome = parse(value);
    if (!isThenable(outcome)) return settled(outcome);
    return Promise.resolve(outcome).then(settled).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

interface Outcome<Output> {
  readonly value?: Output;
  readonly issues?: readonly Issue[] | undefined;
}

/** Unifies both kinds of parser; a schema may be a function, too. */
function outcomeOf<Output>(
  parser: Parser<Output>,
): (value: unknown) => Outcome<Output> | Promise<Outcome<Output>> {
  const standard = (parser as Partial<StandardSchema<Output>>)?.["~standard"];
  if (standard) return (value) => standard.validate(value);
  if (typeof parser !== "function") {
    throw new TypeError(
      "a parser is a function, such as schema.parse, or a Standard Schema, " +
        `not ${typeof parser}`,
    );
  }
  return (value) => {
    const parsed = parser(value);
    if (!isThenable(parsed)) return { value: parsed };
    return Promise.resolve(parsed).then((value) => ({ value }));
  };
}

/** Whether it is an error like those of zod. */
function hasIssues(error: unknown): error is { issues: readonly Issue[] } {
  if (typeof error !== "object" || error === null) return false;
  const { issues } = error as { issues?: unknown };
  return Array.isArray(issues) && issues.every(isIssue);
}

function isIssue(value: unknown): value is Issue {
  const message = (value as Partial<Issue> | null)?.message;
  return typeof message === "string";
}

function invalid(
  { what, status }: InputKind,
  issues: readonly Issue[],
  cause?: unknown,
): HttpError {
  const errors = issues.map(({ path = [], message }) => {
    return { path: path.map(keyText).join("."), message };
  });
  const members = { errors };
  return new HttpError(status, `${what} is not valid`, { members, cause });
}

/** A segment is a key, or an object with one. */
function keyText(segment: unknown): string {
  const isObject = typeof segment === "object" && segment !== null;
  return String(isObject && "key" in segment ? segment.key : segment);
}
