/**
 * How many workers there should be, by how busy their event loops are. Pure:
 * it is told what was seen and when.
 *
 * No load that stays as it is makes the number go up and down: it grows where
 * n workers are busier than the upper mark, and shrinks only where n - 1 would
 * be less busy than the lower one, which is not over the upper one.
 */
import type { Settings } from "../../../shared/config/settings.ts";

export interface AutoscaleRules {
  readonly min: number;
  readonly max: number;
  readonly marks: Settings["autoscale"];
}

/** How busy the ready workers are at one moment. */
export interface LoadSample {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Mean utilization of the workers that were heard of lately, 0 to 1. */
  readonly utilization: number;
  /** Whether each ready worker was heard of. */
  readonly isComplete: boolean;
}

/** What was seen since the number of workers last changed. */
export interface LoadMemory {
  /** In the order of time; they reach back for `upAfterMs`. */
  readonly samples: readonly LoadSample[];
  /** Since when one worker less would do. */
  readonly lowSince: number | undefined;
}

export interface ScaleDecision {
  readonly workers: number;
  readonly why: "busy" | "idle";
  /** The mean that was decided by. */
  readonly utilization: number;
}

export const NOTHING_SEEN: LoadMemory = { samples: [], lowSince: undefined };

/** What was seen before a longer gap says nothing of now. */
const MAX_GAP_MS = 3_000;

/** Adds what is seen now. */
export function remember(
  memory: LoadMemory,
  sample: LoadSample,
  { workers, rules }: { workers: number; rules: AutoscaleRules },
): LoadMemory {
  const { upAfterMs, downUtilization } = rules.marks;
  const last = memory.samples.at(-1);
  const isGap = last !== undefined && sample.at - last.at > MAX_GAP_MS;
  const { samples: before, lowSince } = isGap ? NOTHING_SEEN : memory;
  const samples = [...before, sample];
  // The first one left is as old as the window is long, or just older.
  const isOld = (at = Number.POSITIVE_INFINITY) => sample.at - at >= upAfterMs;
  while (isOld(samples[1]?.at)) samples.shift();
  const mean = meanOf(samples, rules);
  const isLow =
    mean !== undefined &&
    sample.isComplete &&
    (mean * workers) / (workers - 1) < downUtilization;
  return { samples, lowSince: isLow ? (lowSince ?? sample.at) : undefined };
}

/** How many there should be from now on; undefined: as many as there are. */
export function decide(
  memory: LoadMemory,
  workers: number,
  rules: AutoscaleRules,
): ScaleDecision | undefined {
  const { min, max, marks } = rules;
  const utilization = meanOf(memory.samples, rules);
  const now = memory.samples.at(-1)?.at;
  if (utilization === undefined || now === undefined) return undefined;
  if (utilization > marks.upUtilization && workers < max) {
    // As many as would be at the mark. A loop that is busy all the time hides
    // how much more there is to do, so it may take several such steps.
    const atMark = Math.ceil((workers * utilization) / marks.upUtilization);
    return { workers: Math.min(atMark, max), why: "busy", utilization };
  }
  const { lowSince } = memory;
  if (lowSince === undefined || workers <= min) return undefined;
  if (now - lowSince < marks.downAfterMs) return undefined;
  return { workers: workers - 1, why: "idle", utilization };
}

/** Undefined until there is enough of it. */
export function meanOf(
  samples: readonly LoadSample[],
  { marks }: AutoscaleRules,
): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return undefined;
  if (last.at - first.at < marks.upAfterMs) return undefined;
  const sum = samples.reduce(
    (total, { utilization }) => total + utilization,
    0,
  );
  return sum / samples.length;
}
