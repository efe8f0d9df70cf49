/** `Accept-Encoding`: RFC 9110 §12.5.3. Runs per field value, see `memo`. */

/** What a client is to be sent. */
export interface CodingChoice<Coding extends string> {
  /** Undefined: the content as it is. */
  readonly coding: Coding | undefined;
  /** Whether the client refuses the content as it is. */
  readonly refusesIdentity: boolean;
}

const MEMBER =
  /^[ \t]*([!#$%&'*+\-.^_`|~\w]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * The coding that the client likes best. Of those it likes equally the first
 * one offered; a member of the list that is none is not looked at.
 *
 * - Without the field any coding would do (§12.5.3), but who does not ask often
 *   cannot decode: content as it is.
 * - `*` is every coding that is not named, also `identity`.
 * - A client that names `identity` with a higher weight prefers it.
 */
export function chooseCoding<Coding extends string>(
  field: string | undefined,
  offered: readonly Coding[],
): CodingChoice<Coding> {
  const weights = weightsOf(field ?? "");
  const others = weights.get("*");
  let best: Coding | undefined;
  let bestWeight = 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? others ?? 0;
    if (weight <= bestWeight) continue;
    best = coding;
    bestWeight = weight;
  }
  const identity = weights.get("identity");
  const refusesIdentity = (identity ?? others ?? 1) === 0;
  const prefersIdentity = identity !== undefined && identity > bestWeight;
  return { coding: prefersIdentity ? undefined : best, refusesIdentity };
}

/**
 * `chooseCoding` for codings that stay the same: what it found for a value is
 * kept, as there are few browsers. It forgets all when it has too many.
 */
export function codingChooser<Coding extends string>(
  offered: readonly Coding[],
): (field: string | undefined) => CodingChoice<Coding> {
  const known = new Map<string | undefined, CodingChoice<Coding>>();
  return (field) => {
    let choice = known.get(field);
    if (choice === undefined) {
      if (known.size >= MAX_KNOWN) known.clear();
      choice = chooseCoding(field, offered);
      known.set(field, choice);
    }
    return choice;
  };
}

const MAX_KNOWN = 100;

function weightsOf(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of field.split(",")) {
    const [, name, weight = "1"] = MEMBER.exec(member) ?? [];
    if (name !== undefined) weights.set(nameOf(name), Number(weight));
  }
  return weights;
}

/** §8.4.1.3: "x-gzip" is "gzip". */
function nameOf(coding: string): string {
  const lowerCase = coding.toLowerCase();
  return lowerCase === "x-gzip" ? "gzip" : lowerCase;
}
