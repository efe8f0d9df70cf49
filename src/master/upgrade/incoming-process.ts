import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  INHERITANCE_VARIABLE,
  type Inheritance,
  writeInheritance,
} from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import { CHANNEL_VARIABLES } from "../../shared/node-internals/channel-variables.ts";
import {
  fromIncomingSchema,
  type ToIncoming,
} from "../../shared/upgrade-messages.ts";
import type { IncomingPeer, SpawnIncoming } from "./incoming-link.ts";
import type { OutgoingEvent } from "./outgoing-master.ts";

/** The descriptor after standard input, output, error and the channel. */
const FIRST_FD = 4;
/** Limit on the delivery of its last messages after its exit. */
const CHANNEL_GRACE_MS = 1_000;

/** Runs a command line that inherits the sockets as descriptors. */
export class IncomingProcess implements IncomingPeer {
  readonly #child: ChildProcess;
  #onEvent: (event: OutgoingEvent) => void;

  constructor(
    command: IncomingCommandLine,
    sockets: Inheritance,
    onEvent: (event: OutgoingEvent) => void,
  ) {
    this.#onEvent = onEvent;
    const inherited = [...sockets].map(([name, { keepsFile }], index) => {
      return [name, { fd: FIRST_FD + index, keepsFile }] as const;
    });
    const variable = writeInheritance(new Map(inherited));
    const fds = [...sockets.values()].map(({ fd }) => fd);
    const { file, args, argv0, cwd, env } = command;
    this.#child = spawn(file, args, {
      argv0,
      cwd,
      env: { ...env, [INHERITANCE_VARIABLE]: variable },
      // In our process group, so that a terminal's Ctrl-C reaches it too.
      stdio: ["inherit", "inherit", "inherit", "ipc", ...fds],
    });
    this.#listen();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(message: ToIncoming): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.connected) this.#child.send(message, () => resolve());
      else resolve();
    });
  }

  pass(handle: RawHandle, listener: string): boolean {
    if (!this.#child.connected) return false;
    const message: ToIncoming = { type: "connection", listener };
    type Sendable = Parameters<ChildProcess["send"]>[1];
    // The process gets a copy: closing ours does not end the connection.
    this.#child.send(message, handle as Sendable, { keepOpen: true }, () => {
      (handle as RawHandle & { close(): void }).close();
    });
    return true;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  forget(): void {
    this.#onEvent = () => {};
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  #listen(): void {
    this.#child.on("message", (value) => {
      const { success, data, error } = fromIncomingSchema.safeParse(value);
      if (success) this.#onEvent({ type: "message", message: data });
      else {
        const message = `it said what is not understood: ${error.message}`;
        this.#onEvent({ type: "broken", error: message });
      }
    });
    this.#child.on("error", ({ message }) => {
      this.#onEvent({ type: "broken", error: message });
      if (this.pid === 0) this.#end(message);
    });
    this.#child.on("exit", (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `left with code ${code}`;
      const end = () => this.#end(`it ${how}`);
      // Its last messages may arrive after its exit.
      this.#child.on("disconnect", end);
      if (!this.#child.connected) end();
      else setTimeout(end, CHANNEL_GRACE_MS).unref();
    });
  }

  #end(how: string): void {
    this.#onEvent({ type: "gone", how });
    this.#onEvent = () => {};
  }
}

export interface IncomingStarterOptions {
  /** The working folder by its name: see `workingFolder()`. */
  readonly folder: string;
  /** Variables for an incoming master that no other child gets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Spawns incoming masters in the same way as this one was started. */
export function incomingStarter({
  folder,
  env,
}: IncomingStarterOptions): SpawnIncoming {
  // Read now, because the folder of a release may be removed later.
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

/** Facts about the start of this master. */
export interface StartedAs {
  /** As in `process`. */
  readonly argv0: string;
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The working folder at the start, with links resolved. */
  readonly cwd: string;
  /** The same folder with links: see `workingFolder()`. */
  readonly folder: string;
}

export interface IncomingCommandLine {
  readonly file: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Variables of Node and of socket activation that apply to one process only.
 */
const NOT_INHERITED = [
  ...CHANNEL_VARIABLES,
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
];

/**
 * @param isProgram whether an executable file exists
 * @returns undefined if no Node program is found
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

/** The same name may now lead to a newer Node. */
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
 * Node resolves links in the script's path and in the working folder. This
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
