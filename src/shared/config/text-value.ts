import path from "node:path";
import type { Setting } from "./setting-list.ts";

/**
 * The value that a text from the environment or the command line stands for.
 * One that does not fit the kind of the setting stays a text, for the schema to
 * refuse. A list has commas. A relative path starts in `folder`.
 */
export function textValue(
  { kind, isPath }: Setting,
  text: string,
  folder: string,
): string | number | boolean | readonly string[] {
  if (isPath && text !== "") return path.resolve(folder, text);
  if (kind === "integer" && /^[+-]?\d+$/.test(text)) return Number(text);
  if (kind === "number" && /^[+-]?\d*\.?\d+$/.test(text)) return Number(text);
  if (kind === "list") return text === "" ? [] : text.split(",");
  if (kind === "boolean" && text === "true") return true;
  if (kind === "boolean" && text === "false") return false;
  return text;
}
