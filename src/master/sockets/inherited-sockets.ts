/**
 * The sockets that pass from one master to the next, by name. A socket that
 * both masters have stays open when one of them exits.
 */
import fs from "node:fs";
import type { Inheritance, InheritedSocket } from "../../shared/inheritance.ts";

export class InheritedSockets {
  /** Names of the inherited sockets that this master uses. */
  readonly names: readonly string[];
  readonly #inherited: Inheritance;

  /** @param used names of all listeners and ports of this master */
  constructor(inherited: Inheritance, used: readonly string[]) {
    this.#inherited = inherited;
    this.names = [...inherited.keys()].filter((name) => used.includes(name));
  }

  /** No process would accept on the others, and clients would wait for ever. */
  closeUnused(): void {
    for (const [name, { fd }] of this.#inherited) {
      if (!this.names.includes(name)) fs.closeSync(fd);
    }
  }
}

/** The open sockets of this master, for the next one. */
export function inheritanceOf(
  open: Iterable<readonly [string, InheritedSocket]>,
): Inheritance {
  const entries = [...open].map(([name, { fd, keepsFile }]) => {
    return [name, { fd, keepsFile }] as const;
  });
  return new Map(entries);
}
