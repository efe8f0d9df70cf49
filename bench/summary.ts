import { METRICS, type Metric } from "./metrics.ts";
import type { Sample } from "./sample.ts";
import type { ServerName } from "./server-catalog.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** By the name of a metric; without those that nobody knows here. */
export type Figures = Readonly<Record<string, Spread>>;

export interface Summary {
  readonly servers: readonly { server: ServerName; figures: Figures }[];
  /** Whom the ratios are about: the first server. */
  readonly subject: ServerName;
  /** The subject's figures by the peer's, of each round, then summed up. */
  readonly ratios: readonly { peer: ServerName; figures: Figures }[];
}

/** @param samples of the same rounds for each server */
export function summarize(samples: readonly Sample[]): Summary {
  const names = [...new Set(samples.map(({ server }) => server))];
  const [subject, ...peers] = names;
  if (subject === undefined) throw new RangeError("no samples");
  const of = (name: ServerName) =>
    samples.filter(({ server }) => server === name);
  return {
    servers: names.map((server) => {
      const own = of(server);
      return { server, figures: figures((metric) => own.map(metric.of)) };
    }),
    subject,
    ratios: peers.map((peer) => ({
      peer,
      figures: figures((metric) => ratios(of(subject), of(peer), metric)),
    })),
  };
}

/** What disturbed a round disturbed both, so it hardly shows in its ratio. */
function ratios(
  subject: readonly Sample[],
  peer: readonly Sample[],
  metric: Metric,
): (number | undefined)[] {
  return subject.map((sample) => {
    const other = peer.find(({ round }) => round === sample.round);
    const [mine, theirs] = [metric.of(sample), other && metric.of(other)];
    return mine === undefined || !theirs ? undefined : mine / theirs;
  });
}

function figures(
  valuesOf: (metric: Metric) => readonly (number | undefined)[],
): Figures {
  const entries = METRICS.flatMap((metric) => {
    const values = valuesOf(metric).filter((value) => value !== undefined);
    return values.length ? [[metric.name, spreadOf(values)] as const] : [];
  });
  return Object.fromEntries(entries);
}
