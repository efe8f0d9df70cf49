import { UsageError } from "../usage-error.ts";

interface DurationRange {
  readonly minMs: number;
  readonly maxMs: number;
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h)$/;

/**
 * A parser of durations such as "30s" for a flag, in milliseconds.
 *
 * @param what begins its error message: `--for`
 */
export function durationValue(what: string, range: DurationRange) {
  const { minMs, maxMs } = range;
  return (text: string): number => {
    const [, number = "", unit = "ms"] = DURATION.exec(text) ?? [];
    const ms = number === "" ? Number.NaN : Number(number) * unitMs(unit);
    if (ms >= minMs && ms <= maxMs) return ms;
    const limits = `${shortDuration(minMs)} to ${shortDuration(maxMs)}`;
    throw new UsageError(
      `${what} is "${text}"; it must be a time such as 90s, 10m or 2h, ${limits}`,
    );
  };
}

/** "10m", in the largest unit that gives a whole number. */
export function shortDuration(ms: number): string {
  const units = Object.entries(UNITS_MS).reverse();
  const [unit = "ms", unitLength = 1] =
    units.find(([, length]) => ms % length === 0) ?? [];
  return `${ms / unitLength}${unit}`;
}

function unitMs(unit: string): number {
  return UNITS_MS[unit as keyof typeof UNITS_MS];
}
