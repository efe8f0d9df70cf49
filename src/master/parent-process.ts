import fs from "node:fs";

export interface ParentProcess {
  readonly pid: number;
  /** That of its program; "" where it cannot be found out. */
  readonly name: string;
}

export function parentProcess(): ParentProcess {
  const { ppid: pid } = process;
  try {
    const name = fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return { pid, name };
  } catch {
    return { pid, name: "" };
  }
}
