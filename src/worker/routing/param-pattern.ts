/**
 * The form of a parameter, such as `\d+` in ":id(\\d+)".
 *
 * A form is a regular expression for a whole decoded segment, restricted so
 * that it is fast for any input: characters, classes, their repetitions, and
 * alternatives of those. Groups, back references and assertions are not
 * allowed, nor more than two unbounded repetitions per alternative. A segment
 * longer than 256 characters matches no form.
 */
const MAX_VALUE_LENGTH = 256;
const MAX_UNBOUNDED = 2;

const ATOM =
  /\[(?:[^\]\\]|\\.)+\]|\\[^0-9a-zA-Z]|\\[dDwWsS]|[^\\[\]()|*+?{}^$]/y;
const REPETITION = /[*+?]|\{\d{1,3}(?:,\d{0,3})?\}/y;

export class ParamPattern {
  /** The expression as registered. */
  readonly source: string;
  readonly #expression: RegExp;

  /** @throws TypeError for an expression that is not allowed */
  constructor(source: string) {
    for (const alternative of alternativesOf(source)) check(alternative);
    this.source = source;
    this.#expression = new RegExp(`^(?:${source})$`);
  }

  test(value: string): boolean {
    return value.length <= MAX_VALUE_LENGTH && this.#expression.test(value);
  }
}

/** Splits at "|", unless it is in a class or escaped. */
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
