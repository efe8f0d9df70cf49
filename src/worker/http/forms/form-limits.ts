import { HttpError } from "../http-error.ts";

/** Limits on a form, in addition to `maxBodyBytes`. */
export interface FormDataOptions {
  /** Number of fields and files. Default: 1,000. */
  readonly maxParts?: number;
  /** Length of a name. Default: 256. */
  readonly maxNameBytes?: number;
  /** Length of a text value. Default: 1 MiB. */
  readonly maxFieldBytes?: number;
  /** Length of a file. Default: limited by `maxBodyBytes` only. */
  readonly maxFileBytes?: number;
}

export type FormLimits = Required<FormDataOptions>;

const DEFAULTS: FormLimits = {
  maxParts: 1_000,
  maxNameBytes: 256,
  maxFieldBytes: 1_048_576,
  maxFileBytes: Number.POSITIVE_INFINITY,
};

/** @throws TypeError for an unknown limit, or one that is not a number */
export function formLimits(options: FormDataOptions = {}): FormLimits {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      const names = Object.keys(DEFAULTS).join(", ");
      throw new TypeError(`formData() has no ${name}, but ${names}`);
    }
    if (typeof value !== "number" || !(value >= 0)) {
      throw new TypeError(`${name} is a number from 0, not ${String(value)}`);
    }
  }
  return { ...DEFAULTS, ...options };
}

/** @throws HttpError 413 */
export function checkLimit(what: string, found: number, limit: number): void {
  if (found > limit) throw new HttpError(413, `${what} over ${limit} bytes`);
}

/** @throws HttpError 413 */
export function checkPartCount(count: number, { maxParts }: FormLimits): void {
  if (count <= maxParts) return;
  throw new HttpError(413, `a form of more than ${maxParts} fields and files`);
}
