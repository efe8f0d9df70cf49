import { lowerQuartile, type Spread, spreadOf } from "../statistics.ts";
import type { Pair } from "./measure-pair.ts";

/** How much worse than committed a ratio may be. */
export const TOLERANCE = 0.1;

/** Of a core: what a server gets that is kept busy, and that nobody disturbs. */
const LEAST_CORE_SHARE = 0.9;
/** With less to go by nothing is said. */
const LEAST_PAIRS = 3;

export interface GuardContext {
  /** What the ratios of each scenario were, when they were committed. */
  readonly committed: Readonly<Record<string, number>>;
  /** Some rounds of a scenario, with processes of their own. */
  readonly measure: (scenario: string) => Promise<readonly Pair[]>;
  /** Told each outcome, as one line. */
  readonly say: (line: string) => void;
}

/** Of the rounds that count. */
export interface GuardSpread extends Spread {
  readonly lowerQuartile: number;
}

export type Verdict = "ok" | "worse" | "unclear";

/** By scenario: whether a request costs more than it may. */
export async function guard({
  committed,
  measure,
  say,
}: GuardContext): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const [scenario, ratio] of Object.entries(committed)) {
    const check = async () => {
      const spread = undisturbed(await measure(scenario));
      const verdict = verdictOf(spread, ratio);
      say(line(scenario, spread, ratio));
      return verdict;
    };
    const first = await check();
    // A slow minute of the machine makes one of two worse, slow code both.
    verdicts.set(scenario, first === "ok" ? "ok" : both(first, await check()));
  }
  return verdicts;
}

/**
 * Of the rounds in which both servers had a core for themselves: a request costs
 * more where others disturb, and not the same more of each server.
 *
 * @returns undefined where they are too few
 */
export function undisturbed(pairs: readonly Pair[]): GuardSpread | undefined {
  const ratios = pairs
    .filter(({ coreShare }) => coreShare >= LEAST_CORE_SHARE)
    .map(({ ratio }) => ratio);
  if (ratios.length < LEAST_PAIRS) return undefined;
  return { ...spreadOf(ratios), lowerQuartile: lowerQuartile(ratios) };
}

/**
 * Three of four rounds must be over the limit: beside other virtual machines
 * the same code has medians up to a quarter apart, and rounds on both sides.
 */
function verdictOf(
  spread: GuardSpread | undefined,
  committed: number,
): Verdict {
  if (!spread) return "unclear";
  if (spread.median <= most(committed)) return "ok";
  return spread.lowerQuartile > most(committed) ? "worse" : "unclear";
}

function both(first: Verdict, second: Verdict): Verdict {
  if (second === "ok") return "ok";
  return first === "worse" && second === "worse" ? "worse" : "unclear";
}

const most = (committed: number) => committed * (1 + TOLERANCE);

function line(
  scenario: string,
  spread: GuardSpread | undefined,
  committed: number,
): string {
  const limit = most(committed).toFixed(3);
  const limits = `committed ${committed.toFixed(3)}, at most ${limit}`;
  const verdict = said(spread, committed);
  return `${scenario.padEnd(10)} ${found(spread)}; ${limits}: ${verdict}`;
}

function found(spread: Spread | undefined): string {
  if (!spread) return "others had the core";
  const { median, min, max } = spread;
  const [middle, least, highest] = [median, min, max].map((value) =>
    value.toFixed(3),
  );
  return `${middle} (${least}–${highest})`;
}

function said(spread: GuardSpread | undefined, committed: number): string {
  const verdict = verdictOf(spread, committed);
  const isMuchBetter = spread && spread.median < committed * (1 - TOLERANCE);
  return isMuchBetter ? "better; --update would keep that" : verdict;
}
