const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED =
  '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|' +
  '\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const PARAMETER = new RegExp(
  `[ \\t]*;[ \\t]*(?:(${TOKEN})=(${TOKEN}|${QUOTED}))?`,
  "y",
);
const BLANKS = /^[ \t]*$/;

/**
 * The parameters of a field value (RFC 9110 §5.6.6): `; charset="utf-8"`. Names
 * are in lower case; quoted values keep their quotes.
 *
 * @returns undefined if they are not valid, or one occurs twice
 */
export function readParameters(
  text: string,
  start: number,
): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  let at = start;
  while (at < text.length) {
    PARAMETER.lastIndex = at;
    const [found, name, value] = PARAMETER.exec(text) ?? [];
    if (found === undefined) break;
    at += found.length;
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, value);
  }
  return BLANKS.test(text.slice(at)) ? parameters : undefined;
}
