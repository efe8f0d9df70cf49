/**
 * The recent lines of a process, in a file without a name that the master has
 * open too. The lines are there even if the process is killed, and the master
 * reads them when they are asked for. Runs per write of lines: one system call.
 *
 * The file is a ring of records. A record does not cross the end of the file:
 *
 *   RS position " " number-of-first-line " " lines " " bytes LF
 *   the lines, each with its LF
 *   US
 *
 * `position` counts all bytes that were ever written, so it says where in the
 * file the record is, and which of two is newer. Lines have no control
 * characters but LF, so no line can pass for a record.
 */
import { readSync, writeSync } from "node:fs";

/** The descriptor of a worker's file: after the channel of its watchdog. */
export const RING_FD = 5;

/** About 1,000 lines of requests. */
export const RING_BYTES = 256 * 1024;

const RECORD_START = 0x1e;
const RECORD_END = 0x1f;
const LINE_END = 0x0a;
/** Longer writes would displace too many lines; they are counted alone. */
const MAX_RECORD_SHARE = 1 / 4;
const MAX_HEAD_BYTES = 80;
const HEAD = /^(\d{1,16}) (\d{1,16}) (\d{1,7}) (\d{1,7})$/;

/** The end that writes; there is one for a file. */
export class LineRing {
  readonly #fd: number;
  readonly #bytes: number;
  #position = 0;
  #lines = 0;

  constructor(fd: number, bytes = RING_BYTES) {
    this.#fd = fd;
    this.#bytes = bytes;
  }

  /** @param lines whole ones; they never fail to be logged because of this */
  write(lines: string): void {
    const count = countLines(lines);
    const first = this.#lines;
    this.#lines += count;
    const size = Buffer.byteLength(lines);
    if (size > this.#bytes * MAX_RECORD_SHARE) return;
    const needed = size + MAX_HEAD_BYTES;
    const offset = this.#position % this.#bytes;
    const rest = this.#bytes - offset;
    if (needed > rest) this.#position += rest;
    const at = this.#position;
    const head = `\x1e${at} ${first} ${count} ${size}\n`;
    const record = `${head}${lines}\x1f`;
    this.#position += head.length + size + 1;
    try {
      writeSync(this.#fd, record, at % this.#bytes);
    } catch {
      // A full disk: the lines are missing here, and are counted as such.
    }
  }
}

/** Lines of a ring, and where the next call goes on. */
export interface ReadLines {
  readonly lines: readonly string[];
  /** Lines since the last call that are no longer there. */
  readonly missed: number;
  /** Number of the line after the last one. */
  readonly next: number;
}

/** The end that reads. */
export class RingReader {
  readonly #bytes: number;
  #content:
    | { readonly fd: number }
    | { readonly kept: Buffer; readonly lines: number };
  /** After the newest record that was read: its position, and its last line. */
  #end = 0;
  #next = -1;

  /** @param fd read at positions, so that its own does not matter */
  constructor(fd: number, bytes = RING_BYTES) {
    this.#content = { fd };
    this.#bytes = bytes;
  }

  /** @param from number of the first line that is wanted */
  read(from: number): ReadLines {
    const lines: string[] = [];
    if (from === this.#next && !this.#hasMore()) {
      return { lines, missed: 0, next: from };
    }
    const buffer = this.#read();
    const records = recordsIn(buffer, this.#bytes);
    let next = from;
    let missed = 0;
    for (const { first, count, start, end } of records) {
      if (first + count <= next) continue;
      missed += Math.max(0, first - next);
      const all = buffer.toString("utf8", start, end - 1).split("\n");
      lines.push(...all.slice(Math.max(0, next - first)));
      next = first + count;
    }
    const newest = records.at(-1);
    if (newest) this.#end = newest.position + newest.end + 1 - newest.at;
    this.#next = next;
    return { lines, missed, next };
  }

  /** Two small reads: a new record is after the last one, or the file's first. */
  #hasMore(): boolean {
    if ("kept" in this.#content) return this.#next < this.#content.lines;
    const { fd } = this.#content;
    const head = Buffer.allocUnsafe(MAX_HEAD_BYTES);
    return [this.#end % this.#bytes, 0].some((at) => {
      const length = readSync(fd, head, 0, MAX_HEAD_BYTES, at);
      const { position = -1 } = headAt(head.subarray(0, length), 0) ?? {};
      return position >= this.#end;
    });
  }

  /** Copies the lines, because the file is about to be closed. */
  keep(): void {
    const buffer = this.#read();
    const records = recordsIn(buffer, this.#bytes);
    const used = Math.max(0, ...records.map(({ end }) => end + 1));
    const { first = 0, count = 0 } = records.at(-1) ?? {};
    const kept = Buffer.from(buffer.subarray(0, used));
    this.#content = { kept, lines: first + count };
  }

  /** Memory that kept lines take. */
  get keptBytes(): number {
    return "kept" in this.#content ? this.#content.kept.length : 0;
  }

  #read(): Buffer {
    if ("kept" in this.#content) return this.#content.kept;
    const buffer = Buffer.allocUnsafe(this.#bytes);
    const length = readSync(this.#content.fd, buffer, 0, this.#bytes, 0);
    return buffer.subarray(0, length);
  }
}

interface RecordHead {
  readonly position: number;
  /** Number of its first line, and of its lines. */
  readonly first: number;
  readonly count: number;
  /** Length of its lines, in bytes. */
  readonly size: number;
  /** Offset of its lines in the file. */
  readonly start: number;
}

interface RingRecord extends RecordHead {
  /** Offsets of the record and of the end of its lines. */
  readonly at: number;
  readonly end: number;
}

/** The complete records, oldest first. */
function recordsIn(buffer: Buffer, ringBytes: number): RingRecord[] {
  const records: RingRecord[] = [];
  let at = buffer.indexOf(RECORD_START);
  while (at >= 0) {
    const record = recordAt(buffer, at);
    const isHere = record && record.position % ringBytes === at;
    if (isHere) records.push(record);
    at = buffer.indexOf(RECORD_START, isHere ? record.end : at + 1);
  }
  records.sort((one, other) => one.position - other.position);
  // Older ones may be left in the part before the end that was skipped.
  const newest = records.at(-1)?.position ?? 0;
  return records.filter(({ position }) => position > newest - ringBytes);
}

/** Undefined for a record that is incomplete or partly overwritten. */
function recordAt(buffer: Buffer, at: number): RingRecord | undefined {
  const head = headAt(buffer, at);
  if (!head) return undefined;
  const end = head.start + head.size;
  const isWhole = buffer[end] === RECORD_END && buffer[end - 1] === LINE_END;
  return isWhole ? { ...head, at, end } : undefined;
}

function headAt(buffer: Buffer, at: number): RecordHead | undefined {
  if (buffer[at] !== RECORD_START) return undefined;
  const end = buffer.indexOf(LINE_END, at);
  if (end < 0 || end - at > MAX_HEAD_BYTES) return undefined;
  const [, position, first, count, size] =
    HEAD.exec(buffer.toString("latin1", at + 1, end)) ?? [];
  if (size === undefined) return undefined;
  return {
    position: Number(position),
    first: Number(first),
    count: Number(count),
    size: Number(size),
    start: end + 1,
  };
}

function countLines(text: string): number {
  let count = 0;
  let at = text.indexOf("\n");
  while (at >= 0) {
    count++;
    at = text.indexOf("\n", at + 1);
  }
  return count;
}
