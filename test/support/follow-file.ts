import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/**
 * Reads all lines of a file, including later ones, and those of the new file
 * with that name after a rename. Ends soon after the writing process exits.
 */
export function followFile(file: string, writerPid: number): Readable {
  const args = [
    "-q",
    "-n",
    "+1",
    "-F",
    `--pid=${writerPid}`,
    "-s",
    "0.2",
    file,
  ];
  const tail = spawn("tail", args, { stdio: ["ignore", "pipe", "ignore"] });
  return tail.stdout;
}
