import { BenchUsageError } from "./usage-error.ts";

/** What a flag says in digits: 1 to 999,999. @throws BenchUsageError */
export function count(flag: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new BenchUsageError(`--${flag} must be a whole number, not "${text}"`);
}
