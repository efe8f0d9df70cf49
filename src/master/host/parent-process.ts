import fs from "node:fs";
import path from "node:path";

export interface ParentProcess {
  readonly pid: number;
  /** Name of its program; "" if the system does not show it. */
  readonly name: string;
  /** Whether the process or one of its ancestors is nodemon. */
  readonly isNodemon: boolean;
}

/** A shell, npm and npm's shell may be in between. */
const MAX_ANCESTORS = 10;

export function parentProcess(): ParentProcess {
  const { ppid: pid } = process;
  const isNodemon = hasNodemonAbove(pid, process.env);
  try {
    const name = fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return { pid, name, isNodemon };
  } catch {
    return { pid, name: "", isNodemon };
  }
}

function hasNodemonAbove(parent: number, env: NodeJS.ProcessEnv): boolean {
  // Other systems than Linux show only the running script of package.json.
  if (
    /(?:^|[\s/])nodemon(?:\.js)?(?:\s|$)/.test(env.npm_lifecycle_script ?? "")
  )
    return true;
  try {
    let pid = parent;
    for (let level = 0; level < MAX_ANCESTORS && pid > 1; level++) {
      if (isNodemon(fs.readFileSync(`/proc/${pid}/cmdline`, "utf8"))) {
        return true;
      }
      const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
      pid = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    }
  } catch {
    // The process has ended, or the system has no /proc.
  }
  return false;
}

/** `node /app/node_modules/.bin/nodemon …`, with a NUL after each argument. */
function isNodemon(commandLine: string): boolean {
  const [program = "", script = ""] = commandLine.split("\0");
  return [program, script].some((each) => {
    return /^nodemon(\.js)?$/.test(path.basename(each));
  });
}
