import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { waitUntil } from "./wait-until.ts";

/**
 * Replaces the program systemd-notify by a script of that name, first in PATH,
 * that records its arguments.
 */
export class NotifyRecorder {
  readonly #folder: string;
  readonly #file: string;
  readonly socket: string;

  /** @param then shell code that the script runs after writing */
  constructor(test: TestContext, then = "") {
    this.#folder = mkdtempSync(path.join(os.tmpdir(), "remuda-notify-"));
    this.#file = path.join(this.#folder, "told");
    this.socket = path.join(this.#folder, "socket");
    test.after(() => rmSync(this.#folder, { recursive: true, force: true }));
    const program = path.join(this.#folder, "systemd-notify");
    const lines = [
      "#!/bin/sh",
      // One write per message: the socket and the arguments.
      `printf '%s\\n' "$NOTIFY_SOCKET $(IFS='|'; echo "$*")" >> ${this.#file}`,
      then,
    ];
    writeFileSync(program, `${lines.join("\n")}\n`);
    chmodSync(program, 0o755);
    writeFileSync(this.#file, "");
    chmodSync(this.#folder, 0o777);
    chmodSync(this.#file, 0o666);
  }

  /** Environment for the daemon. */
  get env(): Record<string, string> {
    const PATH = `${this.#folder}:${process.env.PATH}`;
    return { NOTIFY_SOCKET: this.socket, PATH };
  }

  /** The assignments of each message. */
  get messages(): Record<string, string>[] {
    const lines = readFileSync(this.#file, "utf8").trimEnd().split("\n");
    return lines.filter(Boolean).map((line) => {
      const told = line.slice(line.indexOf(" ") + 1).split("|");
      return Object.fromEntries(
        told.map((each) => {
          const at = each.indexOf("=");
          return [each.slice(0, at), each.slice(at + 1)];
        }),
      );
    });
  }

  /** The socket of each message. */
  get sockets(): string[] {
    const lines = readFileSync(this.#file, "utf8").trimEnd().split("\n");
    return lines.filter(Boolean).map((line) => line.split(" ", 1)[0] ?? "");
  }

  /** Waits for a message with the assignment and returns it. */
  untilTold(
    name: string,
    isIt: (value: string) => boolean = () => true,
  ): Promise<Record<string, string>> {
    const find = () =>
      this.messages.findLast((each) => name in each && isIt(each[name] ?? ""));
    return waitUntil(find, {
      what: `${name}, told to systemd`,
      timeoutMs: 15_000,
    }) as Promise<Record<string, string>>;
  }
}
