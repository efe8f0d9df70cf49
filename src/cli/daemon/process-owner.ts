import { readFileSync } from "node:fs";

/** The effective user id of a process; undefined if that is unknown. */
export function processOwner(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
    return effective === undefined ? undefined : Number(effective);
  } catch {
    return undefined;
  }
}
