/** Where a request names the session that it belongs to. */
export interface StickyField {
  readonly part: "cookie" | "header" | "query";
  readonly name: string;
}

const STICKY = /^(?:(cookie|header):([!#$%&'*+.^`|~\w-]+)|query:([\w.~-]+))$/;

/** The setting that has no field. */
export const STICKY_OFF = "off";

/** The text of a setting, as `query:sid`; undefined for any other text. */
export function parseStickyField(text: string): StickyField | undefined {
  const found = STICKY.exec(text);
  if (!found) return undefined;
  const [, part, name, parameter] = found;
  if (parameter !== undefined) return { part: "query", name: parameter };
  return { part: part as StickyField["part"], name: name as string };
}

/** The setting that has this field. */
export function stickyText({ part, name }: StickyField): string {
  return `${part}:${name}`;
}
