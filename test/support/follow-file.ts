import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/**
 * All lines of a file, those to come too, and those of the file that takes its
 * name when it is renamed. Ends soon after the process that writes it.
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
