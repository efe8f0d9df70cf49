import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseCpuList } from "./cpu-list.ts";

/** Where servers and load run; undefined where the kernel may choose. */
export interface Pinning {
  readonly serverCore: number | undefined;
  readonly loadCore: number | undefined;
  /** One line for the report. */
  readonly description: string;
}

/** A core for the server and another one for the load, if that can be had. */
export function choosePinning(isWanted: boolean): Pinning {
  if (!isWanted) return unpinned("asked for");
  if (!hasTaskset()) return unpinned("no taskset here");
  const [serverCore, loadCore] = allowedCores();
  if (serverCore === undefined || loadCore === undefined) {
    return unpinned("one core for all");
  }
  const description = `server on core ${serverCore}, load on core ${loadCore}`;
  return { serverCore, loadCore, description };
}

/** A command that runs on that core only, and whatever it starts as well. */
export function pinned(
  command: readonly string[],
  core: number | undefined,
): readonly string[] {
  // taskset becomes the command: its pid is the command's.
  return core === undefined
    ? command
    : ["taskset", "-c", String(core), ...command];
}

function unpinned(why: string): Pinning {
  const description = `not pinned (${why})`;
  return { serverCore: undefined, loadCore: undefined, description };
}

function hasTaskset(): boolean {
  return spawnSync("taskset", ["--version"]).status === 0;
}

function allowedCores(): number[] {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)/m.exec(status) ?? [];
    return parseCpuList(list);
  } catch {
    return [];
  }
}
