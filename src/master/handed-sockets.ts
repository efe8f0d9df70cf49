/**
 * The sockets of the master under the names by which they go from one master
 * to the next: which came from the one before, and which stay with another
 * one when this one leaves.
 */
import fs from "node:fs";
import type { Inheritance, InheritedSocket } from "../shared/inheritance.ts";
import type { AdminPort } from "./admin-port.ts";
import type { Listeners } from "./listeners.ts";

export interface OpenSockets {
  readonly listeners: Listeners | undefined;
  readonly admin: AdminPort | undefined;
}

export class HandedSockets {
  /** Of the admin server, whose port may be any. */
  readonly adminName: string;
  readonly #inherited: Inheritance;
  readonly #open: () => OpenSockets;

  constructor(
    adminName: string,
    inherited: Inheritance,
    open: () => OpenSockets,
  ) {
    this.adminName = adminName;
    this.#inherited = inherited;
    this.#open = open;
  }

  /** What a master that succeeds this one inherits. */
  get all(): Inheritance {
    const { listeners, admin } = this.#open();
    const sockets = new Map<string, InheritedSocket>();
    for (const { name, fd, keepsFile } of listeners?.all ?? []) {
      sockets.set(name, { fd, keepsFile });
    }
    if (admin) {
      const { fd, keepsFile } = admin;
      sockets.set(this.adminName, { fd, keepsFile });
    }
    return sockets;
  }

  /** Of the sockets that come from the master before, those in use. */
  get inheritedNames(): string[] {
    const own = new Set([...this.all.keys(), this.adminName]);
    return [...this.#inherited.keys()].filter((name) => own.has(name));
  }

  /** Nobody would accept on the others, and clients would wait for ever. */
  closeUnwanted(): void {
    const wanted = this.inheritedNames;
    for (const [name, { fd }] of this.#inherited) {
      if (!wanted.includes(name)) fs.closeSync(fd);
    }
  }
}
