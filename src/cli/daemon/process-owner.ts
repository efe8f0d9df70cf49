import { readFileSync } from "node:fs";

/** As whom a process acts; undefined where that cannot be seen. */
export function processOwner(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
    return effective === undefined ? undefined : Number(effective);
  } catch {
    return undefined;
  }
}
