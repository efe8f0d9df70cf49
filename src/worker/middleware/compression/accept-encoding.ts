/** `Accept-Encoding`: RFC 9110 §12.5.3. Runs per new field value. */

/** Coding of a response. */
export interface CodingChoice<Coding extends string> {
  /** Undefined for the content without a coding. */
  readonly coding: Coding | undefined;
  /** Whether the client refuses content without a coding. */
  readonly refusesIdentity: boolean;
}

const MEMBER =
  /^[ \t]*([!#$%&'*+\-.^_`|~\w]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;

/**
 * Returns the coding with the highest weight, among equals the first one
 * offered. Malformed list members are ignored.
 *
 * - Without the field any coding is acceptable (§12.5.3), but such clients
 *   often cannot decode, so the content is sent without a coding.
 * - `*` stands for all codings that are not named, `identity` included.
 * - `identity` wins if its weight is the highest.
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
 * `chooseCoding` with a cache by field value; browsers send few different
 * ones. A full cache is cleared.
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
