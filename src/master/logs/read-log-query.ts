import {
  DEFAULT_LOG_LINES,
  MAX_LOG_LINES,
} from "../../shared/control/log-limits.ts";
import { LEVELS, levelNamed } from "../../shared/logging/line-facts.ts";
import { MAX_WORKERS } from "../../shared/max-workers.ts";
import { integerParameter } from "../admin/integer-parameter.ts";
import { MASTER_SLOT } from "./log-rings.ts";
import type { LogQuery } from "./log-streams.ts";

/** Reads the query of a control call. @returns what is wrong, as a text */
export function readLogQuery(query: URLSearchParams): LogQuery | string {
  const maxLines = { min: 0, max: MAX_LOG_LINES };
  const lines = integerParameter(query, "lines", maxLines);
  if (typeof lines === "string") return lines;
  const slots = { min: MASTER_SLOT, max: MAX_WORKERS };
  const slot = integerParameter(query, "worker", slots);
  if (typeof slot === "string") return slot;
  const level = levelNamed(query.get("level") ?? "trace");
  if (level === undefined) {
    return `level must be one of ${Object.keys(LEVELS).join(", ")}`;
  }
  const follows = query.has("follow");
  return { lines: lines ?? DEFAULT_LOG_LINES, slot, level, follows };
}
