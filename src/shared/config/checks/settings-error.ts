import { describeProblem, type SettingProblem } from "./setting-problem.ts";

/**
 * The settings cannot be used. It has every problem that was found; `message`
 * has a line for each.
 */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly SettingProblem[];

  /** @param cause the error that a config file threw */
  constructor(problems: readonly SettingProblem[], cause?: unknown) {
    super(problems.map(describeProblem).join("\n"), { cause });
    this.problems = problems;
  }
}
