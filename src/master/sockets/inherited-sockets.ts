/**
 * The sockets of the master under the names by which they go from one master
 * to the next: which came from the one before, and which stay with another
 * one when this one leaves.
 */
import fs from "node:fs";
import type { Inheritance } from "../../shared/inheritance.ts";
import type { OwnPorts } from "../admin/own-ports.ts";
import type { Listeners } from "./listener-set.ts";
import type { OwnPort } from "./own-socket.ts";

export class HandedSockets {
  readonly #inherited: Inheritance;
  readonly #listeners: () => Listeners | undefined;
  readonly #ports: OwnPorts;

  constructor(
    inherited: Inheritance,
    listeners: () => Listeners | undefined,
    ports: OwnPorts,
  ) {
    this.#inherited = inherited;
    this.#listeners = listeners;
    this.#ports = ports;
  }

  /** What a master that succeeds this one inherits. */
  get all(): Inheritance {
    const sockets = [...this.#open].map(([name, { fd, keepsFile }]) => {
      return [name, { fd, keepsFile }] as const;
    });
    return new Map(sockets);
  }

  get #open(): ReadonlyMap<string, OwnPort> {
    const listeners = this.#listeners()?.all ?? [];
    const byName = listeners.map((each) => [each.name, each] as const);
    return new Map<string, OwnPort>([...byName, ...this.#ports.all]);
  }

  /** Of the sockets that come from the master before, those in use. */
  get inheritedNames(): string[] {
    // The ports are opened when the master before has let go of them.
    const ports = this.#ports.seekers.map(({ name }) => name);
    const own = new Set([...this.all.keys(), ...ports]);
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
