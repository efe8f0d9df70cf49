/**
 * The levels of child loggers. A child of pino keeps the level that its parent
 * had when it was made; here it follows changes of the parent's level, unless
 * it was given a level of its own. Runs per child.
 */
import type { Logger } from "pino";

/**
 * The first ones are tracked: modules make theirs at the start. An app that
 * makes one per request makes it at the level in force.
 */
const MAX_CHILDREN = 1_000;

export class ChildLevels {
  readonly #children: WeakRef<Logger>[] = [];

  add(child: Logger, parentLevel: string): void {
    if (this.#children.length >= MAX_CHILDREN) return;
    if (child.level === parentLevel) this.#children.push(new WeakRef(child));
  }

  /** Children that have another level than `before` have got it by hand. */
  change(before: string, level: string): void {
    for (const each of this.#children) {
      const child = each.deref();
      if (child?.level === before) child.level = level;
    }
  }
}
