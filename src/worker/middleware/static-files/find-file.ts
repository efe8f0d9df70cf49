/** Runs per request: what a path leads to. */
import path from "node:path";
import type { HttpRequest } from "../../http/http-request.ts";
import { chooseCoding } from "../compression/accept-encoding.ts";
import { isCompressibleType } from "../compression/compressible-type.ts";
import type { ContentCoding } from "../compression/content-coding.ts";
import { contentTypeOf } from "./content-type.ts";
import { fileNames, wildcardTail } from "./file-path.ts";
import { closeFile, type OpenFile, openFile } from "./open-file.ts";
import type { Site } from "./site.ts";

/** Who gets one of type "file" closes it. */
export type Found =
  | FoundFile
  | { readonly type: "redirect"; readonly location: string }
  | { readonly type: "nothing" };

export interface FoundFile {
  readonly type: "file";
  readonly file: OpenFile;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Where it is sent compressed. */
  readonly coding: ContentCoding | undefined;
  /** Whether it may be sent in another coding to others. */
  readonly hasVariants: boolean;
}

const NOTHING: Found = { type: "nothing" };

/** In the order of preference, with the extensions that are usual. */
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
  // There may be a file of that name tomorrow.
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

/** The compressed file beside it that the client likes best, if any. */
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
        closeFile(file.handle); // made of what the file was before
      }
      codings = codings.filter((each) => each !== coding);
    }
  } catch (error) {
    closeFile(plain.file.handle);
    throw error;
  }
}

/**
 * Relative to the path itself, so that it stays on this host whatever the path
 * is ("//evil.example"), and is right behind a proxy that takes a prefix away.
 */
function withSlash(tail: string, { target, path }: HttpRequest): string {
  const name = tail.slice(tail.lastIndexOf("/") + 1);
  return `./${name}/${target.slice(path.length)}`;
}
