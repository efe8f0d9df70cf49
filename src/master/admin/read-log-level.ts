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

import { integerParameter } from "./integer-parameter.ts";

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
  const range = { min: MIN_LEVEL_MS, max: MAX_LEVEL_MS };
  const forMs = integerParameter(query, "forMs", range);
  if (typeof forMs === "string") return forMs;
  return { level, forMs: forMs ?? DEFAULT_LEVEL_MS };
}
