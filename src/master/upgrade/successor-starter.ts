import fs from "node:fs";
import { successorCommand } from "./successor-command.ts";
import { type StartSuccessor, SuccessorProcess } from "./successor-process.ts";

export interface SuccessorStarterOptions {
  /** The working folder by its name: see `workingFolder()`. */
  readonly folder: string;
  /** What the successor needs that no other child gets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts new masters as this one was started. */
export function successorStarter({
  folder,
  env,
}: SuccessorStarterOptions): StartSuccessor {
  // A release that is removed later still has its name now.
  const cwd = process.cwd();
  return (sockets, onEvent) => {
    const { argv0, execPath, execArgv, argv } = process;
    const command = successorCommand(
      {
        ...{ argv0, execPath, execArgv, argv, cwd, folder },
        env: { ...process.env, ...env },
      },
      isProgram,
    );
    if (command) return new SuccessorProcess(command, sockets, onEvent);
    throw new Error(
      `there is no Node to run it with: neither ${argv0} nor ${execPath}`,
    );
  };
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
