import { type Spread, spreadOf } from "../statistics.ts";
import type { ParserSample } from "./measure-round.ts";
import type { Task } from "./parser-subject.ts";

/** What all rounds say of one head and task. */
export interface ParserFigures {
  readonly head: string;
  readonly headBytes: number;
  readonly task: Task;
  /** Nanoseconds of CPU time for a head. */
  readonly remuda: Spread;
  readonly httpParser: Spread;
  /** Remuda's time by the other's, of each round, then summed up. */
  readonly ratio: Spread;
}

/** @param rounds each with the same heads and tasks, in the same order */
export function summarizeParsers(
  rounds: readonly (readonly ParserSample[])[],
): ParserFigures[] {
  const [first = []] = rounds;
  return first.map(({ head, headBytes, task }, index) => {
    const samples = rounds.map((round) => round[index] as ParserSample);
    const ratios = samples.map((one) => one.remuda / one.httpParser);
    return {
      head,
      headBytes,
      task,
      remuda: spreadOf(samples.map((one) => one.remuda)),
      httpParser: spreadOf(samples.map((one) => one.httpParser)),
      ratio: spreadOf(ratios),
    };
  });
}
