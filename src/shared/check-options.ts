/** A constraint on the value of an option. */
export interface OptionRule {
  readonly isValid: (value: unknown) => boolean;
  /** Completes the error message "must be …". */
  readonly valid: string;
  /** Default: false. */
  readonly isRequired?: boolean;
}

/** An integer from `min` to `max`, both included. */
export function integer(min: number, max: number): OptionRule {
  return {
    isValid: (value) =>
      Number.isSafeInteger(value) &&
      Number(value) >= min &&
      Number(value) <= max,
    valid:
      max === Number.MAX_SAFE_INTEGER
        ? `a whole number, ${min} or more`
        : `a whole number from ${min} to ${max}`,
  };
}

export function ofType(type: "function" | "boolean" | "string"): OptionRule {
  const isValid = (value: unknown) => typeof value === type;
  return { isValid, valid: `a ${type}` };
}

export function oneOf(...values: readonly string[]): OptionRule {
  const quoted = values.map((value) => `"${value}"`);
  const isValid = (value: unknown) => values.includes(value as string);
  return { isValid, valid: quoted.join(" or ") };
}

export function required(rule: OptionRule): OptionRule {
  return { ...rule, isRequired: true };
}

/**
 * Checks the options that a caller passed. Error messages name the option and
 * its valid values. They contain the given value only if it is a number,
 * because a string could be a secret.
 *
 * @param owner the function that takes the options, for error messages
 * @throws TypeError for an unknown, invalid or missing option
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  rules: { readonly [Name in keyof Required<Options>]: OptionRule },
): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`the options of ${owner} must be an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      const names = Object.keys(rules).join(", ");
      throw new TypeError(
        `${owner} has no option "${name}"; the options are ${names}`,
      );
    }
    const { isValid, valid } = rules[name as keyof Options];
    if (value === undefined || isValid(value)) continue;
    const given = typeof value === "number" ? `, not ${value}` : "";
    throw new TypeError(`option ${name} of ${owner} must be ${valid}${given}`);
  }
  for (const [name, rule] of Object.entries<OptionRule>(rules)) {
    if (!rule.isRequired) continue;
    if (options[name as keyof Options] !== undefined) continue;
    throw new TypeError(`${owner} needs the option ${name}`);
  }
}
