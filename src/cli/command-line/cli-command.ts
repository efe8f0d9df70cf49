import { Command, type ErrorOptions, type Help, type Option } from "commander";
import { UsageError } from "../usage-error.ts";
import { CommandHelp } from "./command-help.ts";
import { fullName } from "./full-name.ts";

/** A command of `remuda`. It throws UsageErrors, and has help of 80 columns. */
export class CliCommand extends Command {
  /** Names of the same command in other programs, for suggestions only. */
  readonly wordsElsewhere: string[] = [];
  #footer = "";
  #lateOptions: readonly Option[] = [];
  #hasAction = false;

  constructor(name: string) {
    super(name);
    // The parser of the command line finds both flags of help by itself.
    this.helpOption(false).helpCommand(false).optionsGroup("Flags:");
  }

  /** @param details follow the summary in the help of the command itself */
  about(summary: string, details = ""): this {
    return this.summary(summary).description(`${summary}. ${details}`.trim());
  }

  /** A paragraph after the flags. */
  footer(text: string): this {
    this.#footer = text;
    return this;
  }

  /** Flags that are added only when the command is used: they are many. */
  lateOptions(options: readonly Option[]): this {
    this.#lateOptions = options;
    return this;
  }

  get allOptions(): readonly Option[] {
    return [...this.options, ...this.#lateOptions];
  }

  /** Adds all flags; needed before a parse. */
  complete(): this {
    for (const option of this.#lateOptions) this.addOption(option);
    this.#lateOptions = [];
    return this;
  }

  calledElsewhere(...words: readonly string[]): this {
    this.wordsElsewhere.push(...words);
    return this;
  }

  get fullName(): string {
    return fullName(this);
  }

  override action(...given: Parameters<Command["action"]>): this {
    this.#hasAction = true;
    return super.action(...given);
  }

  /** The commands in it that do something: `logs`, then `logs reopen`. */
  get leaves(): readonly CliCommand[] {
    const inner = this.commands.filter((each) => each instanceof CliCommand);
    return inner.flatMap((each) => {
      return each.#hasAction ? [each, ...each.leaves] : each.leaves;
    });
  }

  override createHelp(): Help {
    return Object.assign(new CommandHelp(), this.configureHelp());
  }

  override helpInformation(): string {
    this.complete();
    const text = super.helpInformation();
    if (this.#footer === "") return text;
    const help = new CommandHelp();
    return `${text}\n${help.boxWrap(this.#footer, help.helpWidth)}\n`;
  }

  override error(message: string, { code }: ErrorOptions = {}): never {
    throw new UsageError(this.#refusal(message, code));
  }

  #refusal(message: string, code: string | undefined): string {
    const { args, registeredArguments } = this;
    const name = this.fullName;
    switch (code) {
      case "commander.unknownOption": {
        // The command line has no flag that no command takes.
        const flag = /'([^'=]+)/.exec(message)?.[1];
        return `${name} does not take ${flag}`;
      }
      case "commander.excessArguments":
        return `${name} does not take "${args[registeredArguments.length]}"`;
      case "commander.missingArgument": {
        const missing = registeredArguments[args.length];
        return `${name} needs ${missing?.description}`;
      }
      default:
        return message
          .replace(/^error: /, "")
          .replaceAll(/option '(--[^ ']+)[^']*'/g, "$1");
    }
  }
}
