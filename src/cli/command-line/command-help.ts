import { styleText } from "node:util";
import { type Command, Help, type Option } from "commander";
import { fullName } from "./full-name.ts";

const WIDTH = 80;

/** The shape of the help: `--port N`, `--[no-]watchdog`, `logs reopen`. */
export class CommandHelp extends Help {
  override helpWidth = WIDTH;

  override commandUsage(command: Command): string {
    return command.parent === null
      ? `${command.name()} ${command.usage()}`
      : `remuda ${synopsis(command)} [flags]`;
  }

  /** Commands in a group are listed by themselves. */
  override visibleCommands(command: Command): Command[] {
    return super.visibleCommands(command).flatMap((each) => {
      return each.commands.length > 0 ? this.visibleCommands(each) : [each];
    });
  }

  override subcommandTerm(command: Command): string {
    const own = command.options
      .filter(({ helpGroupHeading }) => helpGroupHeading === "Flags:")
      .map(({ long }) => `[${long}]`);
    return [synopsis(command), ...own].join(" ");
  }

  override optionTerm({ flags, optional, long = "" }: Option): string {
    return optional
      ? long.replace("--", "--[no-]")
      : flags.replaceAll(/[<>]/g, "");
  }

  override styleTitle(title: string): string {
    return styleText("bold", title);
  }
}

/** A command with its operands: `scale N`. */
function synopsis(command: Command): string {
  const operands = command.registeredArguments.map((operand) => {
    return operand.required ? operand.name() : `[${operand.name()}]`;
  });
  return [fullName(command), ...operands].join(" ");
}
