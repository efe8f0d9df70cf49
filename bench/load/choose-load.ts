import { spawnSync } from "node:child_process";
import type { Children } from "../children.ts";
import { AutocannonLoad } from "./autocannon-load.ts";
import type { LoadGenerator } from "./load.ts";
import { WrkLoad } from "./wrk-load.ts";

export const LOAD_NAMES = ["wrk", "autocannon"] as const;

export type LoadName = (typeof LOAD_NAMES)[number];

/**
 * @param name undefined for wrk where it is installed: it needs least CPU for
 *   its own part
 * @throws Error where what was asked for is not installed
 */
export function chooseLoad(
  name: LoadName | undefined,
  children: Children,
  core: number | undefined,
): LoadGenerator {
  switch (name ?? (isWrkInstalled() ? "wrk" : "autocannon")) {
    case "autocannon":
      return new AutocannonLoad(children, core);
    case "wrk":
      if (isWrkInstalled()) return new WrkLoad(children, core);
      throw new Error("wrk is not installed");
  }
}

/** It prints its version and exits with 1. */
function isWrkInstalled(): boolean {
  return spawnSync("wrk", ["--version"]).error === undefined;
}
