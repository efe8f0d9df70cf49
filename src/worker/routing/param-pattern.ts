/**
 * The form that a parameter asks for, as `\d+` in ":id(\\d+)".
 *
 * It is a regular expression for a whole segment, decoded, but only as much of
 * one as can be tested quickly whatever a client sends: characters, classes
 * and their repetitions, and alternatives of those. There are no groups, no
 * back references and no assertions, at most two repetitions without an end in
 * each alternative, and a segment of more than 256 characters has no form.
 */
const MAX_VALUE_LENGTH = 256;
const MAX_UNBOUNDED = 2;

const ATOM =
  /\[(?:[^\]\\]|\\.)+\]|\\[^0-9a-zA-Z]|\\[dDwWsS]|[^\\[\]()|*+?{}^$]/y;
const REPETITION = /[*+?]|\{\d{1,3}(?:,\d{0,3})?\}/y;

export class ParamPattern {
  /** As it was written. */
  readonly source: string;
  readonly #expression: RegExp;

  /** @throws TypeError that says what cannot stand in a form */
  constructor(source: string) {
    for (const alternative of alternativesOf(source)) check(alternative);
    this.source = source;
    this.#expression = new RegExp(`^(?:${source})$`);
  }

  test(value: string): boolean {
    return value.length <= MAX_VALUE_LENGTH && this.#expression.test(value);
  }
}

/** The parts between "|", but not those in a class or escaped. */
function alternativesOf(source: string): string[] {
  const parts = [""];
  for (const piece of source.match(/\[(?:[^\]\\]|\\.)*\]?|\\.|[\s\S]/g) ?? []) {
    if (piece === "|") parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function check(alternative: string): void {
  if (alternative === "") throw new TypeError("it has an empty alternative");
  let at = 0;
  let unbounded = 0;
  while (at < alternative.length) {
    ATOM.lastIndex = at;
    if (!ATOM.test(alternative)) {
      const rest = JSON.stringify(alternative.slice(at));
      throw new TypeError(
        `only characters, classes, their repetitions and "|" may stand in ` +
          `it: at ${rest}`,
      );
    }
    at = ATOM.lastIndex;
    REPETITION.lastIndex = at;
    const repetition = REPETITION.exec(alternative)?.[0] ?? "";
    at += repetition.length;
    if (/^[*+]$|,\}$/.test(repetition)) unbounded++;
  }
  if (unbounded > MAX_UNBOUNDED) {
    throw new TypeError(
      `it has more than ${MAX_UNBOUNDED} repetitions without an end`,
    );
  }
}
