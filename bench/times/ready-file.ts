import { existsSync, readFileSync } from "node:fs";
import { waitUntil } from "../../test/support/wait-until.ts";

interface Ready {
  readonly pid: number;
  readonly atMs: number;
}

/** What workers say of themselves when they listen: see servers/ready.js. */
export class ReadyFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get lines(): readonly Ready[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  /** When the last of so many lines was written. */
  async until(count: number): Promise<number> {
    await waitUntil(() => this.lines.length >= count, {
      what: `${count} workers that listen`,
      timeoutMs: 30_000,
    });
    return this.lines[count - 1]?.atMs ?? 0;
  }
}
