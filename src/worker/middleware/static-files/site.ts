import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import {
  checkOptions,
  integer,
  ofType,
} from "../../../shared/check-options.ts";
import type { DotfilePolicy } from "./file-path.ts";
import { isAtOrBelow } from "./open-file.ts";

export interface StaticFilesOptions {
  /**
   * Name of the file that is served for a folder; false serves none.
   * Default: "index.html".
   */
  readonly index?: string | false;
  /**
   * A file below the root that is served instead of missing ones, for
   * single-page apps: "index.html". It applies only if the path's last name
   * has no dot, so a missing script is still a 404. Default: none.
   */
  readonly fallback?: string;
  /**
   * Names with a leading dot: "refuse" serves none, "wellKnown" a leading
   * `.well-known` (RFC 8615), "allow" all. Default: "refuse".
   */
  readonly dotfiles?: DotfilePolicy;
  /** How long caches may use a file without revalidation. Default: 0. */
  readonly maxAgeSeconds?: number;
  /**
   * Whether files never change, as with a hash in their names (RFC 8246).
   * Default: false.
   */
  readonly immutable?: boolean;
  /**
   * Whether to send a `.br`, `.zst` or `.gz` next to a file to clients that
   * accept that coding, unless it is older than the file. Default: false.
   */
  readonly precompressed?: boolean;
  /** Media types by extension without dot: `{ gpx: "application/gpx+xml" }` */
  readonly contentTypes?: Readonly<Record<string, string>>;
}

/** Checked options. */
export interface Site {
  /** A real path. */
  readonly root: string;
  readonly index: string | undefined;
  /** An absolute path. */
  readonly fallback: string | undefined;
  readonly dotfiles: DotfilePolicy;
  readonly cacheControl: string;
  readonly precompressed: boolean;
  readonly contentTypes: Readonly<Record<string, string>>;
}

const OWNER = "staticFiles()";
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(?:[ \t]*;[\t\x20-\x7e]*)?$/;
/** RFC 9111 §1.2.2: the largest value that every cache supports. */
const MAX_AGE_SECONDS = 2_147_483_648;

/** @throws TypeError for an invalid option, Error if `root` is not a folder */
export function siteFrom(
  root: string | URL,
  options: StaticFilesOptions,
): Site {
  check(options);
  const realRoot = realFolder(root);
  const { maxAgeSeconds = 0, immutable = false, fallback } = options;
  const { index = "index.html", dotfiles = "refuse" } = options;
  return {
    root: realRoot,
    index: index === false ? undefined : index,
    fallback: fallback === undefined ? fallback : below(realRoot, fallback),
    dotfiles,
    cacheControl: `max-age=${maxAgeSeconds}${immutable ? ", immutable" : ""}`,
    precompressed: options.precompressed ?? false,
    contentTypes: { ...options.contentTypes },
  };
}

function check(options: StaticFilesOptions): void {
  checkOptions(OWNER, options, {
    index: {
      isValid: (value) => value === false || isName(value),
      valid: "the name of a file, or false",
    },
    fallback: ofType("string"),
    dotfiles: {
      isValid: (value) =>
        value === "refuse" || value === "wellKnown" || value === "allow",
      valid: '"refuse", "wellKnown" or "allow"',
    },
    maxAgeSeconds: integer(0, MAX_AGE_SECONDS),
    immutable: ofType("boolean"),
    precompressed: ofType("boolean"),
    contentTypes: {
      isValid: areContentTypes,
      valid: 'media types by extension, as { gpx: "application/gpx+xml" }',
    },
  });
}

function isName(value: unknown): boolean {
  return typeof value === "string" && /^[^/\\\0]+$/.test(value);
}

function areContentTypes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(
    ([extension, type]) =>
      /^[^./A-Z]+$/.test(extension) &&
      typeof type === "string" &&
      MEDIA_TYPE.test(type),
  );
}

function realFolder(root: string | URL): string {
  const isPath = typeof root === "string" || root instanceof URL;
  if (!isPath || root === "") {
    throw new TypeError(`the root of ${OWNER} must be a path or a file: URL`);
  }
  const shown = JSON.stringify(String(root));
  try {
    const real = realpathSync(root);
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    const where = `working directory: ${process.cwd()}`;
    const message = `the root of ${OWNER}, ${shown}, cannot be read (${where})`;
    throw new Error(message, { cause });
  }
  throw new Error(`the root of ${OWNER}, ${shown}, is not a folder`);
}

function below(root: string, fallback: string): string {
  const file = path.resolve(root, fallback);
  const isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
  if (isFile && isAtOrBelow(root, realpathSync(file))) return file;
  const shown = JSON.stringify(fallback);
  throw new Error(`option fallback of ${OWNER}: no file ${shown} in ${root}`);
}
