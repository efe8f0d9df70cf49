import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** An input that once failed, in a file that the tests replay. */
export interface SavedInput {
  readonly property: string;
  /** The error when it was found. */
  readonly error: string;
  /** Seed with which fast-check generates the input again. */
  readonly seed?: number;
  readonly path?: string;
  /** Texts are Latin-1: one character per byte. */
  readonly input: unknown;
}

export const SAVED_FOLDER = path.resolve(
  import.meta.dirname,
  "../fixtures/fuzz",
);

/** The same input of a property always has the same name. */
export function savedName({ property, input }: SavedInput): string {
  const hash = createHash("sha256").update(JSON.stringify(input)).digest("hex");
  return `${property}-${hash.slice(0, 12)}.json`;
}

/** Content of the file for a saved input. */
export function savedText(kept: SavedInput): string {
  return `${JSON.stringify(kept, null, 2)}\n`;
}

/** @returns the path of the file */
export function saveInput(kept: SavedInput, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, savedName(kept));
  writeFileSync(file, savedText(kept));
  return file;
}

/** Saved inputs by file name, sorted. */
export function savedInputs(folder: string): Map<string, SavedInput> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const read = (name: string): [string, SavedInput] => {
    const text = readFileSync(path.join(folder, name), "utf8");
    return [name, JSON.parse(text) as SavedInput];
  };
  return new Map(names.sort().map(read));
}
