/**
 * The recent lines of the master and of its workers. Each process writes into a
 * file of its own, which the master reads only when lines are asked for.
 */
import { LineRing, RingReader } from "../../shared/logging/line-ring.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import { closeRingFile, openRingFile } from "./open-ring-file.ts";

/** The lines of one process. */
export interface LogSource {
  /** 0 for the master, undefined until the worker has said "hello". */
  readonly slot: number | undefined;
  readonly reader: RingReader;
}

interface WorkerSource extends LogSource {
  readonly fd: number;
  slot: number | undefined;
}

/** Memory for the lines of workers that have ended; the oldest go first. */
const MAX_ENDED_BYTES = 1024 * 1024;
/** Stands for the master where a worker is named. */
export const MASTER_SLOT = 0;

export class LogRings {
  /** The master's own, unless no file could be opened. */
  readonly ring: LineRing | undefined;
  readonly #master: LogSource | undefined;
  /** By the id of the worker. */
  readonly #workers = new Map<number, WorkerSource>();
  readonly #ended: LogSource[] = [];

  constructor() {
    const fd = openRingFile();
    if (fd === undefined) return;
    this.ring = new LineRing(fd);
    this.#master = { slot: MASTER_SLOT, reader: new RingReader(fd) };
  }

  get sources(): readonly LogSource[] {
    const master = this.#master ? [this.#master] : [];
    return [...this.#ended, ...master, ...this.#workers.values()];
  }

  /** Returns the descriptor for a new worker, if there is one for it. */
  open(): number | undefined {
    return this.#master && openRingFile();
  }

  /** @param fd from `open()`; it is closed when the worker is gone */
  add(workerId: number, fd: number): void {
    const reader = new RingReader(fd);
    this.#workers.set(workerId, { fd, reader, slot: undefined });
  }

  /** The worker could not be started. */
  discard(fd: number): void {
    closeRingFile(fd);
  }

  /** @returns whether the worker has a ring */
  onBoot({ id, slot }: WorkerHandle): boolean {
    const source = this.#workers.get(id);
    if (source) source.slot = slot;
    return source !== undefined;
  }

  onGone({ id, slot }: WorkerHandle): void {
    const source = this.#workers.get(id);
    if (!source) return;
    this.#workers.delete(id);
    source.reader.keep();
    closeRingFile(source.fd);
    // Most workers log nothing; a list of those would grow for ever.
    if (source.reader.keptBytes === 0) return;
    // The same reader, so that followers go on where they were.
    this.#ended.push({ slot, reader: source.reader });
    while (this.#endedBytes > MAX_ENDED_BYTES) this.#ended.shift();
  }

  get #endedBytes(): number {
    return this.#ended.reduce((sum, { reader }) => sum + reader.keptBytes, 0);
  }
}
