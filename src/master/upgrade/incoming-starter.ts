import fs from "node:fs";
import { incomingCommandLine } from "./incoming-command-line.ts";
import type { SpawnIncoming } from "./incoming-link.ts";
import { IncomingProcess } from "./incoming-process.ts";

export interface IncomingStarterOptions {
  /** The working folder by its name: see `workingFolder()`. */
  readonly folder: string;
  /** Variables for an incoming master that no other child gets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Spawns incoming masters as this one was started. */
export function incomingStarter({
  folder,
  env,
}: IncomingStarterOptions): SpawnIncoming {
  // Read now: the folder of a release may be removed later.
  const cwd = process.cwd();
  return (sockets, onEvent) => {
    const { argv0, execPath, execArgv, argv } = process;
    const command = incomingCommandLine(
      {
        ...{ argv0, execPath, execArgv, argv, cwd, folder },
        env: { ...process.env, ...env },
      },
      isProgram,
    );
    if (command) return new IncomingProcess(command, sockets, onEvent);
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
