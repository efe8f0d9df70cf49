import { readdirSync, readlinkSync } from "node:fs";

/** Paths of the files below a folder that a process has open (Linux). */
export function openFilesBelow(folder: string, pid = process.pid): string[] {
  const fds = `/proc/${pid}/fd`;
  return readdirSync(fds).flatMap((fd) => {
    try {
      const file = readlinkSync(`${fds}/${fd}`);
      return file.startsWith(folder) ? file : [];
    } catch {
      return []; // the descriptor of the listing itself, or one just closed
    }
  });
}
