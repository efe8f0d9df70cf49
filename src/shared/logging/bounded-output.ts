/**
 * Lines on their way to a descriptor that may take none for a while, as a pipe
 * whose reader has stopped. Nothing here waits, but for a bounded time at the
 * exit of the process. Runs per line: while nothing waits, a line costs one
 * system call.
 */
import { writeSync } from "node:fs";
import type { Importance, LineSink } from "./line-output.ts";

/** Where lines go. */
export interface Outlet {
  readonly fd: number;
  /** Called before each write, which must not wait after that. */
  readonly prepare?: () => void;
}

export interface BoundedOutputOptions {
  readonly outlet: Outlet;
  /** Octets that may wait. Default: 4 MiB. */
  readonly maxWaitingBytes?: number;
  /** It cannot be written at all; called for each such write. */
  readonly onFailed?: (error: unknown, lines: number) => void;
  /** A write was taken whole. */
  readonly onWritten?: () => void;
}

const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Lines of low importance leave the rest to the others. */
const LOW_SHARE = 0.75;
/** PIPE_BUF of Linux: no line of another process ends up in it. */
const MAX_WRITE_BYTES = 4096;
/** Until the next try, doubled while nothing is taken. */
const MIN_RETRY_MS = 1;
const MAX_RETRY_MS = 50;
/** At the exit, without any progress, and in all. */
const MAX_STILL_MS = 500;
const MAX_EXIT_MS = 5_000;
const EXIT_RETRY_MS = 5;

/** Lines lost by this process since it began. */
let lostInAll = 0;
/** Outputs with waiting lines. */
const heldUp = new Set<BoundedOutput>();
let isExiting = false;

process.on("exit", () => {
  isExiting = true;
  for (const output of heldUp) output.flushSync();
});

export function lostLogLines(): number {
  return lostInAll;
}

/**
 * For a process that will leave: resolves when all lines are written, at the
 * latest after that time, and then those that are left are lost, and counted.
 */
export async function writeOrLose(withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (heldUp.size > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, MAX_RETRY_MS));
  }
  for (const output of heldUp) output.discard();
}

export class BoundedOutput implements LineSink {
  /** There is room again after so many lines were dropped. */
  onDropped: ((lines: number) => void) | undefined = undefined;
  readonly #options: BoundedOutputOptions;
  readonly #maxWaitingBytes: number;
  #outlet: Outlet;
  /** Lines, or several, each a piece that was given at once. */
  #waiting: string[] = [];
  /** Pieces of `#waiting` that have been taken from it. */
  #taken = 0;
  #waitingBytes = 0;
  /** Unwritten bytes of the pieces taken from `#waiting`. */
  #rest: Buffer | undefined;
  /** Whether `#rest` begins within a line that has been written in part. */
  #isWithinLine = false;
  /** Whether the last line that was written has no end. */
  #isCut = false;
  /** Lines since it was said how many. */
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = MIN_RETRY_MS;
  #hasGivenUp = false;

  constructor(options: BoundedOutputOptions) {
    this.#options = options;
    this.#outlet = options.outlet;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
  }

  /** Octets. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** From now on lines go there, those that wait too. */
  redirect(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#isCut = false;
    if (this.#isWithinLine) this.#loseRest(); // the half of a line is none
    this.#flush();
  }

  write(lines: string, importance?: Importance): void {
    if (this.#waitingBytes > 0) this.#hold(lines, importance);
    else this.#writeAtOnce(lines);
    if (isExiting && this.#waitingBytes > 0) this.flushSync();
  }

  /** Waits for lines to be taken, for as long as an exit may take. */
  flushSync(): void {
    this.#flush();
    if (this.#hasGivenUp) return;
    const startedAt = performance.now();
    let progressAt = startedAt;
    let left = this.#waitingBytes;
    while (this.#waitingBytes > 0) {
      const now = performance.now();
      if (this.#waitingBytes < left) progressAt = now;
      left = this.#waitingBytes;
      const isStill = now - progressAt > MAX_STILL_MS;
      this.#hasGivenUp = isStill || now - startedAt > MAX_EXIT_MS;
      if (this.#hasGivenUp) return;
      pause(EXIT_RETRY_MS);
      this.#flush();
    }
  }

  /** Drops the waiting lines and counts them as lost. */
  discard(): void {
    const left = this.#waiting.slice(this.#taken).join("");
    lostInAll += countLines(left);
    this.#isCut ||= this.#isWithinLine;
    this.#loseRest();
    this.#waiting = [];
    this.#taken = 0;
    this.#waitingBytes = 0;
    heldUp.delete(this);
  }

  #loseRest(): void {
    const rest = this.#rest;
    if (!rest) return;
    this.#waitingBytes -= rest.length;
    this.#rest = undefined;
    this.#isWithinLine = false;
    lostInAll += countLines(rest.toString());
  }

  #writeAtOnce(lines: string): void {
    const text = this.#isCut ? `\n${lines}` : lines;
    const written = this.#tryWrite(text);
    if (written === undefined) return;
    const length = Buffer.byteLength(text);
    if (written === length) return;
    this.#waitingBytes = length - written;
    heldUp.add(this);
    if (written === 0) {
      this.#waiting.push(text);
      this.#retryLater();
      return;
    }
    this.#rest = Buffer.from(text).subarray(written);
    this.#isWithinLine = true;
    // A disk that is full says so now.
    this.#flush();
  }

  #hold(lines: string, importance: Importance | undefined): void {
    const max = this.#maxWaitingBytes * (importance === "low" ? LOW_SHARE : 1);
    const length = Buffer.byteLength(lines);
    if (this.#waitingBytes + length > max) {
      const count = countLines(lines);
      this.#dropped += count;
      lostInAll += count;
      return;
    }
    this.#waiting.push(lines);
    this.#waitingBytes += length;
  }

  /** Writes until nothing waits, or nothing is taken. */
  #flush(): void {
    while (this.#waitingBytes > 0) {
      const bytes = this.#rest ?? this.#nextBytes();
      const written = this.#tryWrite(bytes);
      this.#rest = undefined;
      this.#waitingBytes -= written ?? bytes.length;
      if (written) this.#retryMs = MIN_RETRY_MS;
      if (this.#waitingBytes < this.#maxWaitingBytes / 2) this.#sayDropped();
      if (written === undefined || written === bytes.length) {
        this.#isWithinLine = false;
        continue;
      }
      this.#rest = bytes.subarray(written);
      this.#isWithinLine ||= written > 0;
      if (written > 0) continue;
      this.#retryLater();
      return;
    }
    heldUp.delete(this);
  }

  /** As many pieces as are written whole together, one at least. */
  #nextBytes(): Buffer {
    const first = this.#waiting[this.#taken++] as string;
    let length = Buffer.byteLength(first);
    let text = first;
    while (this.#taken < this.#waiting.length) {
      const next = this.#waiting[this.#taken] as string;
      length += Buffer.byteLength(next);
      if (length > MAX_WRITE_BYTES) break;
      text += next;
      this.#taken++;
    }
    if (this.#taken === this.#waiting.length) {
      this.#waiting = [];
      this.#taken = 0;
    }
    if (!this.#isCut) return Buffer.from(text);
    this.#waitingBytes++;
    return Buffer.from(`\n${text}`);
  }

  /** @returns octets taken; undefined where it failed, and they are lost */
  #tryWrite(bytes: string | Buffer): number | undefined {
    const { fd, prepare } = this.#outlet;
    try {
      prepare?.();
      const written =
        typeof bytes === "string" ? writeSync(fd, bytes) : writeSync(fd, bytes);
      this.#isCut = false;
      this.#options.onWritten?.();
      return written;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      this.#isCut ||= this.#isWithinLine;
      const lines = countLines(bytes.toString());
      lostInAll += lines;
      this.#options.onFailed?.(error, lines);
      return undefined;
    }
  }

  #retryLater(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #sayDropped(): void {
    const dropped = this.#dropped;
    if (dropped === 0) return;
    this.#dropped = 0;
    this.onDropped?.(dropped);
  }
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
