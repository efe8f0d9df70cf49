import {
  DEFAULT_LEVEL_MS,
  MAX_LEVEL_MS,
  MIN_LEVEL_MS,
  RESET_LEVEL,
} from "../../shared/control/log-level-limits.ts";
import {
  LOG_LEVELS,
  type LogLevelName,
} from "../../shared/logging/line-facts.ts";

export interface LevelChange {
  /** Undefined: that of the settings. */
  readonly level: LogLevelName | undefined;
  readonly forMs: number;
}

/** Reads the query of a control call. @returns what is wrong, as a text */
export function readLogLevel(query: URLSearchParams): LevelChange | string {
  const text = query.get("level");
  const level = LOG_LEVELS.find((name) => name === text);
  if (level === undefined && text !== RESET_LEVEL) {
    return `level must be ${LOG_LEVELS.join(", ")} or ${RESET_LEVEL}`;
  }
  const time = query.get("forMs") ?? String(DEFAULT_LEVEL_MS);
  const forMs = /^\d{1,9}$/.test(time) ? Number(time) : Number.NaN;
  if (forMs >= MIN_LEVEL_MS && forMs <= MAX_LEVEL_MS) return { level, forMs };
  return `forMs must be an integer, ${MIN_LEVEL_MS} to ${MAX_LEVEL_MS}`;
}
