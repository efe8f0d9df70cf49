import { nearestName } from "../../shared/config/nearest-name.ts";
import type { CliCommand } from "./cli-command.ts";

/** A shorter prefix matches by chance. */
const MIN_PREFIX = 3;

/** Suggests a command for a word that is not one. */
export class MeantCommand {
  readonly #names: readonly string[];
  /** Words of other programs, by command. */
  readonly #wordsElsewhere: ReadonlyMap<string, string>;

  constructor(commands: readonly CliCommand[]) {
    this.#names = [...commands.map(({ fullName }) => fullName), "help"];
    const words = commands.flatMap(({ fullName, wordsElsewhere }) => {
      return wordsElsewhere.map((word) => [word, fullName] as const);
    });
    this.#wordsElsewhere = new Map([...words, ["version", "--version"]]);
  }

  /** By a word of other programs, by a prefix, or by the nearest letters. */
  byWord(word: string): string | undefined {
    const lower = word.toLowerCase();
    return (
      this.#wordsElsewhere.get(lower) ??
      this.#byPrefix(lower) ??
      this.#byLetters(lower)
    );
  }

  /** By the exact name, or by a word of other programs. */
  byName(name: string): string | undefined {
    const isName = this.#names.includes(name);
    return isName ? name : this.#wordsElsewhere.get(name);
  }

  #byPrefix(word: string): string | undefined {
    if (word.length < MIN_PREFIX) return undefined;
    const found = this.#names.filter((name) => name.startsWith(word));
    return found.length === 1 ? found[0] : undefined;
  }

  /**
   * A typing error keeps the first letter, drops it, or swaps it with the
   * second; a word that begins otherwise is another word ("unload" is not
   * "reload").
   */
  #byLetters(word: string): string | undefined {
    const alike = this.#names.filter((name) => {
      return word.startsWith(name.charAt(0)) || word.startsWith(name.charAt(1));
    });
    return nearestName(word, alike);
  }
}
