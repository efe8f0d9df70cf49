/** What an option must be, to test it and to say it: "must be …". */
export interface OptionRule {
  readonly isValid: (value: unknown) => boolean;
  readonly valid: string;
}

/** @param from, to both included */
export function integer(from: number, to: number): OptionRule {
  return {
    isValid: (value) =>
      Number.isSafeInteger(value) &&
      Number(value) >= from &&
      Number(value) <= to,
    valid:
      to === Number.MAX_SAFE_INTEGER
        ? `a whole number, ${from} or more`
        : `a whole number from ${from} to ${to}`,
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

/** @throws TypeError that names the option and what is valid */
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
    if (value !== undefined && !isValid(value)) {
      throw new TypeError(`option ${name} of ${owner} must be ${valid}`);
    }
  }
}
