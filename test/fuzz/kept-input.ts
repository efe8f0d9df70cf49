import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** An input that failed once, as a file that the tests replay for ever. */
export interface KeptInput {
  readonly property: string;
  /** What was wrong when it was found. */
  readonly error: string;
  /** With them fast-check comes to the input again, as its makers are now. */
  readonly seed?: number;
  readonly path?: string;
  /** Texts are Latin-1: a character is a byte. */
  readonly input: unknown;
}

export const KEPT_FOLDER = path.resolve(
  import.meta.dirname,
  "../fixtures/fuzz",
);

/** The same input of a property has the same name. */
export function keptName({ property, input }: KeptInput): string {
  const hash = createHash("sha256").update(JSON.stringify(input)).digest("hex");
  return `${property}-${hash.slice(0, 12)}.json`;
}

/** What is in the file of a kept input. */
export function keptText(kept: KeptInput): string {
  return `${JSON.stringify(kept, null, 2)}\n`;
}

/** @returns the path of the file */
export function keepInput(kept: KeptInput, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, keptName(kept));
  writeFileSync(file, keptText(kept));
  return file;
}

/** By their names, in order. */
export function keptInputs(folder: string): Map<string, KeptInput> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const read = (name: string): [string, KeptInput] => {
    const text = readFileSync(path.join(folder, name), "utf8");
    return [name, JSON.parse(text) as KeptInput];
  };
  return new Map(names.sort().map(read));
}
