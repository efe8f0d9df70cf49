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

  /** The help of all commands lists those in a group by themselves. */
  override visibleCommands(command: Command): Command[] {
    if (command.parent !== null) return [];
    return super.visibleCommands(command).flatMap((each) => {
      const isGroup = each.summary() === "";
      const inner = super.visibleCommands(each);
      return isGroup ? inner : [each, ...inner];
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
