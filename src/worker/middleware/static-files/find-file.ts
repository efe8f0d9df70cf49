/** Runs per request: resolves a path to a file. */
import path from "node:path";
import { mimes } from "mrmime";
import type { HttpRequest } from "../../http/http-request.ts";
import { chooseCoding } from "../compression/accept-encoding.ts";
import { isCompressibleType } from "../compression/compressible-type.ts";
import type { ContentCoding } from "../compression/content-coding.ts";
import { fileNames, wildcardTail } from "./file-path.ts";
import { closeFile, type OpenFile, openFile } from "./open-file.ts";
import type { Site } from "./site.ts";

/** The receiver of a "file" closes it. */
export type Found =
  | FoundFile
  | { readonly type: "redirect"; readonly location: string }
  | { readonly type: "nothing" };

export interface FoundFile {
  readonly type: "file";
  readonly file: OpenFile;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Coding of a precompressed file. */
  readonly coding: ContentCoding | undefined;
  /** Whether other requests may get a different coding. */
  readonly hasVariants: boolean;
}

const NOTHING: Found = { type: "nothing" };

/** Extensions of precompressed files, in order of preference. */
const EXTENSIONS: Readonly<Record<ContentCoding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

/** @throws Error for a route without a wildcard */
export async function findFile(
  site: Site,
  request: HttpRequest,
): Promise<Found> {
  const tail = wildcardTail(request);
  const names = fileNames(tail, site.dotfiles);
  if (names === undefined) return NOTHING;
  const last = names.at(-1) as string;
  const name = last === "" ? site.index : last;
  if (name !== undefined) {
    const file = path.join(site.root, ...names.slice(0, -1), name);
    const opened = await openFile(site.root, file);
    if (opened.type === "file") {
      return inBestCoding(site, request, found(site, opened, file));
    }
    const isFolder = opened.type === "folder" && last !== "";
    if (isFolder && site.index !== undefined) {
      return { type: "redirect", location: withSlash(tail, request) };
    }
  }
  return last.includes(".") ? NOTHING : fallback(site, request);
}

async function fallback(site: Site, request: HttpRequest): Promise<Found> {
  const { root, fallback: file } = site;
  if (file === undefined) return NOTHING;
  const opened = await openFile(root, file);
  if (opened.type !== "file") return NOTHING;
  // A file of the requested name may appear later.
  const cacheControl = "max-age=0";
  const page = { ...found(site, opened, file), cacheControl };
  return inBestCoding(site, request, page);
}

interface NamedFile extends FoundFile {
  readonly path: string;
}

function found(site: Site, file: OpenFile, path: string): NamedFile {
  const { cacheControl, precompressed } = site;
  const contentType = contentTypeOf(path, site.contentTypes);
  return {
    type: "file",
    file,
    path,
    contentType,
    cacheControl,
    coding: undefined,
    hasVariants: precompressed && isCompressibleType(contentType),
  };
}

/** The precompressed file that the client prefers, or the plain one. */
async function inBestCoding(
  site: Site,
  request: HttpRequest,
  plain: NamedFile,
): Promise<FoundFile> {
  if (!plain.hasVariants) return plain;
  const field = request.headers.get("accept-encoding");
  let codings = Object.keys(EXTENSIONS) as ContentCoding[];
  try {
    for (;;) {
      const { coding } = chooseCoding(field, codings);
      if (coding === undefined) return plain;
      const file = await openFile(site.root, plain.path + EXTENSIONS[coding]);
      if (file.type === "file") {
        if (file.stats.mtimeMs >= plain.file.stats.mtimeMs) {
          closeFile(plain.file.handle);
          return { ...plain, file, coding };
        }
        closeFile(file.handle); // older than the plain file
      }
      codings = codings.filter((each) => each !== coding);
    }
  } catch (error) {
    closeFile(plain.file.handle);
    throw error;
  }
}

/**
 * A relative reference, which stays on this host for any path
 * ("//evil.example") and works behind a proxy that strips a prefix.
 */
function withSlash(tail: string, { target, path }: HttpRequest): string {
  const name = tail.slice(tail.lastIndexOf("/") + 1);
  return `./${name}/${target.slice(path.length)}`;
}

const UNKNOWN = "application/octet-stream";

/** Types that mrmime lacks. */
const MORE: Readonly<Record<string, string>> = { ico: "image/x-icon" };

/**
 * Returns the media type for a file's extension. Text is assumed to be UTF-8,
 * except XML, which declares its encoding (RFC 7303 §3).
 *
 * @param own types by extension in lower case, without the dot; take precedence
 */
export function contentTypeOf(
  fileName: string,
  own: Readonly<Record<string, string>>,
): string {
  const extension = path.extname(fileName).slice(1).toLowerCase();
  // `hasOwn`: a file may be named "x.constructor".
  if (Object.hasOwn(own, extension)) return own[extension] as string;
  const known = [MORE, mimes].find((each) => Object.hasOwn(each, extension));
  const type = known?.[extension] ?? UNKNOWN;
  const isText = type.startsWith("text/") && type !== "text/xml";
  return isText ? `${type}; charset=utf-8` : type;
}
