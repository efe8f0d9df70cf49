import { describeProblem, type SettingProblem } from "./setting-problem.ts";

/**
 * The settings cannot be used. Carries every problem that was found, not only
 * the first; `message` has one line for each.
 */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly SettingProblem[];

  /** @param cause what a config file threw, if it did */
  constructor(problems: readonly SettingProblem[], cause?: unknown) {
    super(problems.map(describeProblem).join("\n"), { cause });
    this.problems = problems;
  }
}
