import type { ResultSample, ScenarioResult, Spreads } from "./results-file.ts";
import { spreadOf } from "./statistics.ts";

/** More digits than that are noise, and large files. */
const DIGITS = 5;

/** All that is not made from the samples. */
export type RunFacts = Omit<ScenarioResult, "samples" | "medians" | "ratios">;

/**
 * Sums rounds up.
 *
 * @param measured the same rounds for each server; ratios are of the server of
 *   the first one to all others
 * @throws RangeError without any samples
 */
export function scenarioResult(
  facts: RunFacts,
  measured: readonly ResultSample[],
): ScenarioResult {
  const samples = measured.map(shortened);
  const servers = [...new Set(samples.map(({ server }) => server))];
  const [subject, ...peers] = servers;
  if (subject === undefined) throw new RangeError("no samples");
  const medians = servers.map((server) => {
    const own = samples.filter((sample) => sample.server === server);
    return [server, spreads(own.map(metricsOf))] as const;
  });
  const ratios = peers.map((peer) => {
    return [peer, ratiosOf(samples, subject, peer)] as const;
  });
  return {
    ...facts,
    samples,
    medians: Object.fromEntries(medians),
    ratios: Object.fromEntries(ratios),
  };
}

/**
 * What one server did by what another one did, in each round, by metric: what
 * disturbed a round disturbed both, so it hardly shows in its ratio.
 */
export function ratiosOf(
  samples: readonly ResultSample[],
  subject: string,
  peer: string,
): Spreads {
  const of = (name: string) => samples.filter(({ server }) => server === name);
  const rounds = of(subject).map((sample) => {
    const other = of(peer).find(({ round }) => round === sample.round);
    const theirs = other ? metricsOf(other) : {};
    return Object.fromEntries(
      Object.entries(metricsOf(sample)).flatMap(([metric, mine]) => {
        const divisor = theirs[metric];
        return divisor ? [[metric, mine / divisor]] : [];
      }),
    );
  });
  return spreads(rounds);
}

function metricsOf(sample: ResultSample): Record<string, number> {
  const entries = Object.entries(sample).filter(
    ([name, value]) => name !== "round" && typeof value === "number",
  );
  return Object.fromEntries(entries) as Record<string, number>;
}

function spreads(rounds: readonly Readonly<Record<string, number>>[]): Spreads {
  const metrics = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  const entries = metrics.map((metric) => {
    const values = rounds.flatMap((round) => round[metric] ?? []);
    return [metric, shortened(spreadOf(values))] as const;
  });
  return Object.fromEntries(entries);
}

function shortened<Figures extends object>(figures: Figures): Figures {
  const entries = Object.entries(figures).map(([name, value]) => {
    const isExact = typeof value !== "number" || Number.isInteger(value);
    return [name, isExact ? value : Number(value.toPrecision(DIGITS))];
  });
  return Object.fromEntries(entries) as Figures;
}
