/** The recent lines of all processes, in the order of their times. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { levelIn, timeIn } from "../../shared/logging/line-facts.ts";
import type { RingReader } from "../../shared/logging/line-ring.ts";
import type { LogRings, LogSource } from "./log-rings.ts";

export interface LogFilter {
  /** Lowest level. */
  readonly level: number;
  /** Slot of the worker, 0 for the master; undefined for all. */
  readonly slot: number | undefined;
}

/** Lines that were written since the last call. */
export interface NewLines {
  readonly lines: readonly string[];
  /** Lines that were overwritten before they were read. */
  readonly missed: number;
}

interface Entry {
  readonly time: number;
  readonly line: string;
}

export class LogTail {
  readonly #rings: Pick<LogRings, "sources">;
  readonly #filter: LogFilter;
  /** Number of the next line, by ring. */
  readonly #next = new WeakMap<RingReader, number>();

  constructor(rings: Pick<LogRings, "sources">, filter: LogFilter) {
    this.#rings = rings;
    this.#filter = filter;
  }

  /** The last lines; the master does other work between two rings. */
  async recent(maxLines: number): Promise<string[]> {
    const entries: Entry[] = [];
    for (const source of this.#rings.sources) {
      entries.push(...last(this.#read(source).entries, maxLines));
      await nextTurn();
    }
    return last(inOrder(entries), maxLines);
  }

  next(): NewLines {
    const read = this.#rings.sources.map((source) => this.#read(source));
    const lines = inOrder(read.flatMap(({ entries }) => entries));
    const missed = read.reduce((sum, one) => sum + one.missed, 0);
    return { lines, missed };
  }

  #read({ slot, reader }: LogSource) {
    const { slot: wanted, level } = this.#filter;
    // A slot becomes known with the first message of the worker.
    if (wanted !== undefined && slot !== wanted) return NOTHING;
    const known = this.#next.get(reader);
    const { lines, missed, next } = reader.read(known ?? 0);
    this.#next.set(reader, next);
    const entries = entriesOf(lines, level);
    return { entries, missed: known === undefined ? 0 : missed };
  }
}

const NOTHING = { entries: [] as Entry[], missed: 0 };

/** A line without a time has that of the line before it. */
function entriesOf(lines: readonly string[], level: number): Entry[] {
  let time = 0;
  const entries: Entry[] = [];
  for (const line of lines) {
    time = timeIn(line) ?? time;
    if (levelIn(line) >= level) entries.push({ time, line });
  }
  return entries;
}

function last<Item>(items: readonly Item[], count: number): Item[] {
  return items.slice(Math.max(0, items.length - count));
}

function inOrder(entries: Entry[]): string[] {
  entries.sort((one, other) => one.time - other.time);
  return entries.map(({ line }) => line);
}
