import { type Spread, spreadOf } from "../statistics.ts";

/** How much worse than committed a ratio may be. */
export const TOLERANCE = 0.1;

export interface GuardContext {
  /** What the ratios of each scenario were, when they were committed. */
  readonly committed: Readonly<Record<string, number>>;
  /** Some rounds of a scenario, with processes of their own: its ratios. */
  readonly measure: (scenario: string) => Promise<readonly number[]>;
  /** Told each outcome, as one line. */
  readonly say: (line: string) => void;
}

/** @returns the scenarios that cost more than they may. */
export async function guard({
  committed,
  measure,
  say,
}: GuardContext): Promise<string[]> {
  const tooSlow: string[] = [];
  for (const [scenario, ratio] of Object.entries(committed)) {
    const most = ratio * (1 + TOLERANCE);
    const check = async (otherwise: string) => {
      const spread = spreadOf(await measure(scenario));
      const isWorse = spread.median > most;
      const verdict = isWorse ? otherwise : praise(spread, ratio);
      const limits = `committed ${ratio.toFixed(3)}, at most ${most.toFixed(3)}`;
      say(`${scenario.padEnd(10)} ${shown(spread)}; ${limits}: ${verdict}`);
      return isWorse;
    };
    // A slow minute of the machine makes one of two worse, slow code both.
    if ((await check("worse, so once more")) && (await check("WORSE"))) {
      tooSlow.push(scenario);
    }
  }
  return tooSlow;
}

function praise({ median }: Spread, committed: number): string {
  const isMuchBetter = median < committed * (1 - TOLERANCE);
  return isMuchBetter ? "better; --update would keep that" : "ok";
}

function shown({ median, min, max }: Spread): string {
  const [middle, least, most] = [median, min, max].map((value) =>
    value.toFixed(3),
  );
  return `${middle} (${least}–${most})`;
}
