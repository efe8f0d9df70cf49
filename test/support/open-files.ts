import { readdirSync, readlinkSync } from "node:fs";

/** Paths of the files below a folder that this process has open (Linux). */
export function openFilesBelow(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`);
      return file.startsWith(folder) ? file : [];
    } catch {
      return []; // that of the listing itself
    }
  });
}
