import type { SettingProblem } from "./setting-problem.ts";

/** One setting's value, not yet checked, and where it was given. */
export interface GivenSetting {
  readonly path: string;
  readonly value: unknown;
  /** A file's path, the name of a variable, a flag: `--port`. */
  readonly origin: string;
}

/** What one source gives, and what in it means no setting. */
export interface GivenSettings {
  readonly given: readonly GivenSetting[];
  readonly problems: readonly SettingProblem[];
}
