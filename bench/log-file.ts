import { closeSync, openSync, readSync, unlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const POLL_INTERVAL_MS = 20;
const MOST_BYTES = 1 << 20;

let count = 0;

/**
 * What a server writes to as its standard output. It has no name: what it takes
 * of the disk is free again once all have closed it.
 */
export class LogFile {
  readonly fd: number;

  constructor() {
    const name = `remuda-bench-${process.pid}-${++count}.log`;
    const file = path.join(os.tmpdir(), name);
    this.fd = openSync(file, "wx+");
    unlinkSync(file);
  }

  /** Calls back with each line, from the first on, until it is told to stop. */
  watch(onLine: (line: string) => void): () => void {
    let seen = 0;
    const timer = setInterval(() => {
      const lines = this.firstLines().slice(seen);
      seen += lines.length;
      for (const line of lines) onLine(line);
    }, POLL_INTERVAL_MS);
    return () => clearInterval(timer);
  }

  /** Of the first MiB. */
  firstLines(): string[] {
    const bytes = Buffer.alloc(MOST_BYTES);
    // With a position: the server shares the one that reading would move.
    const length = readSync(this.fd, bytes, 0, MOST_BYTES, 0);
    return bytes.toString("latin1", 0, length).split("\n").slice(0, -1);
  }

  close(): void {
    closeSync(this.fd);
  }
}
