/** The command line of the incoming master, as the disk has it now. */
import path from "node:path";
import { CHANNEL_VARIABLES } from "../../shared/node-internals/channel-variables.ts";

/** How this master was started. */
export interface StartedAs {
  /** As in `process`. */
  readonly argv0: string;
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The working folder as it was at the start, its links resolved. */
  readonly cwd: string;
  /** The same by the name under which it was given: see `workingFolder()`. */
  readonly folder: string;
}

export interface IncomingCommandLine {
  readonly file: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Variables of Node and of socket activation for one process alone. */
const NOT_INHERITED = [
  ...CHANNEL_VARIABLES,
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
];

/**
 * @param isProgram whether an executable file exists
 * @returns undefined where there is no Node to run it with
 */
export function incomingCommandLine(
  started: StartedAs,
  isProgram: (file: string) => boolean,
): IncomingCommandLine | undefined {
  const { argv0, execArgv, argv, env, folder } = started;
  const file = nodeCandidates(started).find(isProgram);
  if (file === undefined) return undefined;
  const [, script = "", ...args] = argv;
  const kept = Object.entries(env).filter(([name]) => {
    return !NOT_INHERITED.includes(name);
  });
  return {
    file,
    argv0,
    args: [...execArgv, scriptByName(script, started), ...args],
    cwd: folder,
    env: { ...Object.fromEntries(kept), PWD: folder },
  };
}

/** The same name may lead to a newer Node today. */
function nodeCandidates(started: StartedAs): string[] {
  const { argv0, execPath, env, folder } = started;
  if (argv0.includes("/")) return [path.resolve(folder, argv0), execPath];
  // The parent of a process may give it any argv[0].
  if (!argv0.startsWith("node")) return [execPath];
  const folders = (env.PATH ?? "").split(path.delimiter);
  // POSIX: an empty entry is the working folder.
  const inPath = folders.map((each) => path.resolve(folder, each, argv0));
  return [...inPath, execPath];
}

/**
 * Node resolves the script's path and the links of the working folder. This
 * undoes it, so that a link that a deployment has switched leads to the next
 * release.
 */
function scriptByName(
  script: string,
  { cwd, folder }: Pick<StartedAs, "cwd" | "folder">,
): string {
  const inside = path.relative(cwd, script);
  const isInside = !inside.startsWith("..") && !path.isAbsolute(inside);
  return isInside ? path.join(folder, inside) : script;
}
