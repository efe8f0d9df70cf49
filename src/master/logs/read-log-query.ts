import {
  DEFAULT_LOG_LINES,
  MAX_LOG_LINES,
} from "../../shared/control/log-limits.ts";
import { LEVELS, levelNamed } from "../../shared/logging/line-facts.ts";
import { MAX_WORKERS } from "../../shared/max-workers.ts";
import type { LogQuery } from "./log-streams.ts";

/** Reads the query of a control call. @returns what is wrong, as a text */
export function readLogQuery(query: URLSearchParams): LogQuery | string {
  const lines = integerIn(query, "lines", DEFAULT_LOG_LINES);
  if (!(lines >= 0 && lines <= MAX_LOG_LINES)) {
    return `lines must be an integer, 0 to ${MAX_LOG_LINES}`;
  }
  const worker = integerIn(query, "worker", -1);
  if (!(worker >= -1 && worker <= MAX_WORKERS)) {
    return `worker must be an integer, 0 (the master) to ${MAX_WORKERS}`;
  }
  const level = levelNamed(query.get("level") ?? "trace");
  if (level === undefined) {
    return `level must be one of ${Object.keys(LEVELS).join(", ")}`;
  }
  const slot = worker < 0 ? undefined : worker;
  return { lines, slot, level, follows: query.has("follow") };
}

function integerIn(query: URLSearchParams, name: string, fallback: number) {
  const text = query.get(name);
  if (text === null) return fallback;
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}
