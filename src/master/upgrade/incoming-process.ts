import { type ChildProcess, spawn } from "node:child_process";
import {
  INHERITANCE_VARIABLE,
  type Inheritance,
  writeInheritance,
} from "../../shared/inheritance.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  fromIncomingSchema,
  type ToIncoming,
} from "../../shared/upgrade-messages.ts";
import type { IncomingCommandLine } from "./incoming-command-line.ts";
import type { IncomingPeer } from "./incoming-link.ts";
import type { OutgoingEvent } from "./outgoing-master.ts";

/** After standard input, output, error and the channel. */
const FIRST_FD = 4;
/** Limit on the delivery of its last messages after its exit. */
const CHANNEL_GRACE_MS = 1_000;

/** Runs a command line that gets the sockets as descriptors. */
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
      // In our own group, so that a terminal's Ctrl-C reaches it as well.
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
      // Its last messages may be delivered after its exit.
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
