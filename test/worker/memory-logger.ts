import { pino } from "pino";
import type { Logger } from "../../src/shared/logging/logger.ts";

export type LogLine = Readonly<Record<string, unknown>>;

/** A logger, and the lines that it has written. */
export function memoryLogger(level = "trace"): {
  readonly logger: Logger;
  readonly lines: LogLine[];
} {
  const lines: LogLine[] = [];
  const write = (line: string) => {
    lines.push(JSON.parse(line));
  };
  return { logger: pino({ level }, { write }), lines };
}
