import { appendFileSync } from "node:fs";

/** Adds a line to READY_FILE: this process listens from now on. */
export function ready() {
  const line = JSON.stringify({ pid: process.pid, atMs: Date.now() });
  appendFileSync(process.env.READY_FILE, `${line}\n`);
}
