/**
 * Writes lines to a descriptor without blocking, and buffers them while it
 * accepts none, for example a pipe whose reader has stopped. It blocks only at
 * the exit of the process, for a bounded time. Runs per line: while the buffer
 * is empty, a line costs one system call.
 */
import { writeSync } from "node:fs";
import type { Importance, LineSink } from "./line-output.ts";

/** The destination of lines. */
export interface Outlet {
  readonly fd: number;
  /** Called before each write, to make the descriptor non-blocking. */
  readonly prepare?: () => void;
}

export interface BoundedOutputOptions {
  readonly outlet: Outlet;
  /** Maximum size of the buffer. Default: 4 MiB. */
  readonly maxWaitingBytes?: number;
  /** Called for each write that fails; its lines are lost. */
  readonly onFailed?: (error: unknown, lines: number) => void;
  /** Called for each write that does not fail. */
  readonly onWritten?: () => void;
}

const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Share of the buffer that lines of low importance may fill. */
const LOW_SHARE = 0.75;
/** PIPE_BUF of Linux: longer writes may be mixed with those of others. */
const MAX_WRITE_BYTES = 4096;
/** Time to the next attempt; doubles while the descriptor accepts nothing. */
const MIN_RETRY_MS = 1;
const MAX_RETRY_MS = 50;
/** Limits at exit: time without progress, and total time. */
const MAX_STILL_MS = 500;
const MAX_EXIT_MS = 5_000;
const EXIT_RETRY_MS = 5;

/** Lines that this process has lost since its start. */
let lostInAll = 0;
/** Outputs with buffered lines. */
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
 * Writes all buffered lines before the process exits. Lines that are not
 * written within the time are dropped, and counted as lost.
 */
export async function writeOrLose(withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (heldUp.size > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, MAX_RETRY_MS));
  }
  for (const output of heldUp) output.discard();
}

export class BoundedOutput implements LineSink {
  /** Called with the number of dropped lines when there is room again. */
  onDropped: ((lines: number) => void) | undefined = undefined;
  readonly #options: BoundedOutputOptions;
  readonly #maxWaitingBytes: number;
  #outlet: Outlet;
  /** One piece per call of `write()`, with one or more lines. */
  #waiting: string[] = [];
  /** Number of pieces of `#waiting` that have been taken from it. */
  #taken = 0;
  #waitingBytes = 0;
  /** Unwritten bytes of the pieces taken from `#waiting`. */
  #rest: Buffer | undefined;
  /** Whether `#rest` begins inside a partly written line. */
  #isWithinLine = false;
  /** Whether the last written line lacks its line break. */
  #isCut = false;
  /** Lines dropped since the last call of `onDropped`. */
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = MIN_RETRY_MS;
  #hasGivenUp = false;

  constructor(options: BoundedOutputOptions) {
    this.#options = options;
    this.#outlet = options.outlet;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Sends all lines to another outlet, including buffered ones. */
  redirect(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#isCut = false;
    if (this.#isWithinLine) this.#loseRest(); // half a line is useless
    this.#flush();
  }

  write(lines: string, importance?: Importance): void {
    if (this.#waitingBytes > 0) this.#hold(lines, importance);
    else this.#writeAtOnce(lines);
    if (isExiting && this.#waitingBytes > 0) this.flushSync();
  }

  /** Blocks until all lines are written, within the limits for an exit. */
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

  /** Drops the buffered lines and counts them as lost. */
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
    // On a full disk the next write returns the error.
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

  /** Writes until the buffer is empty or the descriptor accepts no more. */
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

  /** Takes as many pieces as fit in one atomic write, but at least one. */
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

  /** @returns bytes written; undefined if the write failed: all are lost */
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
