/** Which program the next master is, as the disk has it now. */
import path from "node:path";

/** How this master was started. */
export interface StartedAs {
  /** As `process` has them. */
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

export interface SuccessorCommand {
  readonly file: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What Node and whoever passes sockets on leave for one process alone. */
const NOT_INHERITED = [
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_UNIQUE_ID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
];

/**
 * @param isProgram whether there is an executable file
 * @returns undefined where there is no Node to run it with
 */
export function successorCommand(
  started: StartedAs,
  isProgram: (file: string) => boolean,
): SuccessorCommand | undefined {
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

/** Named as it was, it may be a newer one today. */
function nodeCandidates(started: StartedAs): string[] {
  const { argv0, execPath, env, folder } = started;
  if (argv0.includes("/")) return [path.resolve(folder, argv0), execPath];
  // Whoever starts a process may call it anything.
  if (!argv0.startsWith("node")) return [execPath];
  const folders = (env.PATH ?? "").split(path.delimiter);
  // POSIX: an empty entry is the working folder.
  const inPath = folders.map((each) => path.resolve(folder, each, argv0));
  return [...inPath, execPath];
}

/**
 * Node has made it absolute, with the links of the working folder resolved.
 * Where a deployment switches such a link, the next release is meant.
 */
function scriptByName(
  script: string,
  { cwd, folder }: Pick<StartedAs, "cwd" | "folder">,
): string {
  const inside = path.relative(cwd, script);
  const isInside = !inside.startsWith("..") && !path.isAbsolute(inside);
  return isInside ? path.join(folder, inside) : script;
}
