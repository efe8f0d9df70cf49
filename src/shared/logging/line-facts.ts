/** Level and time of a line of the log, of Remuda or of the app. */

/** Levels of pino, by name. */
export const LEVELS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
} as const;

export type LevelName = keyof typeof LEVELS;

/** Levels that a log can have: "silent" has no lines. */
export const LOG_LEVELS = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
  "silent",
] as const satisfies readonly (LevelName | "silent")[];

export type LogLevelName = (typeof LOG_LEVELS)[number];

const NAMES = new Map<number, LevelName>(
  Object.entries(LEVELS).map(([name, level]) => [level, name as LevelName]),
);

/** The first field with this name; a value cannot contain it unescaped. */
const LEVEL = /"level": ?(?:(\d{1,4})|"([A-Za-z]{1,10})")/;
const TIME = /"time": ?(\d{1,16})/;

/** Lines without a level, such as those for Apache, have that of "info". */
export function levelIn(line: string): number {
  const [, number, name] = LEVEL.exec(line) ?? [];
  if (number !== undefined) return Number(number);
  return levelNamed(name) ?? LEVELS.info;
}

/** Milliseconds since the epoch, if the line has them. */
export function timeIn(line: string): number | undefined {
  const [, time] = TIME.exec(line) ?? [];
  return time === undefined ? undefined : Number(time);
}

/** The number of a level by its name, in any case. */
export function levelNamed(name: string | undefined): number | undefined {
  const lower = name?.toLowerCase() ?? "";
  return Object.hasOwn(LEVELS, lower) ? LEVELS[lower as LevelName] : undefined;
}

/** The name of a level; undefined for one that pino does not name. */
export function levelName(level: number): LevelName | undefined {
  return NAMES.get(level);
}
