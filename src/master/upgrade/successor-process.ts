import { type ChildProcess, spawn } from "node:child_process";
import {
  INHERITANCE_VARIABLE,
  type Inheritance,
  writeInheritance,
} from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  type FromSuccessor,
  fromSuccessorSchema,
  type ToSuccessor,
} from "../../shared/upgrade-messages.ts";
import type { SuccessorCommand } from "./successor-command.ts";

/** What a new master does, as the old one notices it. */
export type SuccessorEvent =
  | { readonly type: "said"; readonly message: FromSuccessor }
  /** It speaks otherwise, or there is no process at all. */
  | { readonly type: "broken"; readonly error: string }
  /** The process has ended: nothing more is heard of it. */
  | { readonly type: "gone"; readonly how: string };

/** The next master, as far as the old one needs it. */
export interface Successor {
  /** 0 where there is no process. */
  readonly pid: number;
  /** Lost where it is gone; resolves when it is on its way, or lost. */
  tell(message: ToSuccessor): Promise<void>;
  /** Gives it a connection; ours is closed. False where it is gone. */
  pass(handle: RawHandle, listener: string): boolean;
  /** KILL. */
  kill(): void;
  /** Nothing more is said or heard. */
  forget(): void;
}

/** Starts one that tells its events, none before this returns. */
export type StartSuccessor = (
  sockets: Inheritance,
  onEvent: (event: SuccessorEvent) => void,
) => Successor;

/** After standard input, output, error and the channel. */
const FIRST_FD = 4;
/** After the exit, how long the rest of what it said may take. */
const CHANNEL_GRACE_MS = 1_000;

/** The new master of a command line, with these sockets as descriptors. */
export class SuccessorProcess implements Successor {
  readonly #child: ChildProcess;
  #onEvent: (event: SuccessorEvent) => void;

  constructor(
    command: SuccessorCommand,
    sockets: Inheritance,
    onEvent: (event: SuccessorEvent) => void,
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
      // In our own group, so that a terminal's Ctrl-C reaches it as well.
      stdio: ["inherit", "inherit", "inherit", "ipc", ...fds],
    });
    this.#listen();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  tell(message: ToSuccessor): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.connected) this.#child.send(message, () => resolve());
      else resolve();
    });
  }

  pass(handle: RawHandle, listener: string): boolean {
    if (!this.#child.connected) return false;
    const message: ToSuccessor = { type: "connection", listener };
    type Sendable = Parameters<ChildProcess["send"]>[1];
    // What is sent is a copy: closing ours does not end the connection.
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
      const { success, data, error } = fromSuccessorSchema.safeParse(value);
      if (success) this.#onEvent({ type: "said", message: data });
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
      // What it said last may be heard after its exit.
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
