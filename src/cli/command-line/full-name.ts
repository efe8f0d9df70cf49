import type { Command } from "commander";

/** With the names of the groups around it: `logs reopen`. */
export function fullName(command: Command): string {
  const { parent } = command;
  const isInGroup = parent !== null && parent.parent !== null;
  return isInGroup ? `${fullName(parent)} ${command.name()}` : command.name();
}
