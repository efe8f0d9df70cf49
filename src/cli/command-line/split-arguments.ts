import { parseArgs } from "node:util";
import type { Option } from "commander";
import { UsageError } from "../usage-error.ts";
import { isList, joined } from "./setting-options.ts";

/** Arguments with flags and words apart. */
export interface SplitArguments {
  /** The command's name and operands. */
  readonly words: readonly string[];
  /**
   * Each flag once, without dashes, with its last value, or what its option
   * makes of several. A flag without a value has "true", or "false" after
   * `--no-`.
   */
  readonly flags: ReadonlyMap<string, string>;
}

/**
 * Commander takes flags after the command's name only, any next argument for a
 * missing value, and no `--watchdog=false`. So the arguments are put in order
 * first.
 *
 * @param options of all commands: a flag may come before its command
 * @param unknownFlag makes the error for a flag that is not among them
 * @throws UsageError for an unknown flag, and for a value too many or missing
 */
export function splitArguments(
  args: readonly string[],
  options: readonly Option[],
  unknownFlag: (rawName: string) => UsageError,
): SplitArguments {
  const byName = new Map(options.map((option) => [option.name(), option]));
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokensOf(args, options)) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { rawName, name, value } = token;
    const isNegated = rawName.startsWith("--no-");
    const option = byName.get(isNegated ? name.slice("no-".length) : name);
    const isShort = !rawName.startsWith("--") && option?.short !== rawName;
    if (!option || isShort || (isNegated && !option.optional)) {
      throw unknownFlag(rawName);
    }
    if (isNegated || isSwitch(option)) {
      if (value !== undefined)
        throw new UsageError(`${rawName} takes no value`);
      flags.set(option.name(), String(!isNegated));
    } else if (option.optional) {
      flags.set(option.name(), value ?? "true");
    } else if (isValue(token)) {
      const before = flags.get(option.name());
      const { value: text } = token;
      flags.set(option.name(), isList(option) ? joined(text, before) : text);
    } else {
      throw new UsageError(`${rawName} needs a value`);
    }
  }
  return { words, flags };
}

/** Neither needs nor takes a value. */
export function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional;
}

function tokensOf(args: readonly string[], options: readonly Option[]) {
  const entries = options.map((option) => {
    const { required, short = "" } = option;
    const type = required ? ("string" as const) : ("boolean" as const);
    return [option.name(), { type, ...(short && { short: short.slice(1) }) }];
  });
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(entries),
    // Strict mode has no suggestions.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
}

interface ValueToken {
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** A next argument that looks like a flag is not a value; `-1` is. */
function isValue<Token extends ValueToken>(
  token: Token,
): token is Token & { readonly value: string } {
  const { value, inlineValue } = token;
  return value !== undefined && (inlineValue || !/^-\D/.test(value));
}
