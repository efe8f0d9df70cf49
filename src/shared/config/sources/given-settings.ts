import type { SettingProblem } from "../checks/setting-problem.ts";

/** One setting's value, not yet checked, and where it was given. */
export interface GivenSetting {
  readonly path: string;
  readonly value: unknown;
  /** A file's path, the name of a variable, a flag: `--port`. */
  readonly origin: string;
}

/** The settings of one source, with the problems in it. */
export interface GivenSettings {
  readonly given: readonly GivenSetting[];
  readonly problems: readonly SettingProblem[];
}

/** The settings of all sources, by their paths: of each the strongest one. */
export type GivenByPath = ReadonlyMap<string, GivenSetting>;
