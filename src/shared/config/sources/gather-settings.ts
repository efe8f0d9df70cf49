import path from "node:path";
import type { SettingProblem } from "../checks/setting-problem.ts";
import { SettingsError } from "../checks/settings-error.ts";
import { fileExists, findConfigFile } from "../config-file/find-config-file.ts";
import { readConfigFile } from "../config-file/read-config-file.ts";
import { appFile } from "./app-file.ts";
import { fileSettings } from "./file-settings.ts";
import type { GivenByPath, GivenSettings } from "./given-settings.ts";
import { envSettings, flagSettings } from "./text-settings.ts";

const CONFIG_TIMEOUT_MS = 10_000;

/** Instead of a path: no config file, not even one in the folder. */
const NO_FILE = "none";

export interface SettingsSources {
  /** Folder of the config file and base of relative paths; absolute. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Texts by the names of the flags, without dashes: `["port", "80"]`. */
  readonly flags?: ReadonlyMap<string, string>;
  /** App module that the command line names without a flag. */
  readonly app?: string | undefined;
  /** Config file to read instead of the one in `cwd`: `--config`; "none". */
  readonly configPath?: string | undefined;
  /** Time limit of a config file with its process; default: 10,000. */
  readonly configTimeoutMs?: number;
}

export interface GatheredSettings {
  readonly given: GivenByPath;
  readonly problems: readonly SettingProblem[];
  /** Path of the config file. */
  readonly file: string | undefined;
  /** There is a config file without settings. */
  readonly isEmpty: boolean;
  /** Output of the config file. */
  readonly printed: string;
  /** The error that it threw. */
  readonly cause?: unknown;
}

/**
 * The settings of all sources, not yet checked: those of the config file, under
 * those of variables, under those of flags.
 */
export async function gatherSettings(
  sources: SettingsSources,
): Promise<GatheredSettings> {
  const { cwd, env, flags = new Map<string, string>() } = sources;
  const file = await settingsOfFile(sources);
  const layers = [
    file.content,
    envSettings(env, cwd),
    flagSettings(flags, cwd),
    commandLineApp(sources),
  ];
  const given = new Map(
    layers.flatMap((layer) => layer.given).map((each) => [each.path, each]),
  );
  const app = given.get("app");
  if (typeof app?.value === "string" && app.value !== "") {
    given.set("app", { ...app, value: appFile(app.value) });
  }
  const problems = layers.flatMap((layer) => layer.problems);
  const { path: configFile, isEmpty, printed, cause } = file;
  return { given, problems, file: configFile, isEmpty, printed, cause };
}

interface FileLayer {
  readonly path: string | undefined;
  readonly isEmpty: boolean;
  readonly content: GivenSettings;
  readonly printed: string;
  /** The error that the file threw. */
  readonly cause?: unknown;
}

/** An unusable file is a problem, and the other sources are still read. */
async function settingsOfFile(sources: SettingsSources): Promise<FileLayer> {
  const { configTimeoutMs = CONFIG_TIMEOUT_MS } = sources;
  try {
    const file = configFileOf(sources);
    if (file === undefined) {
      const isEmpty = nameOf(sources) === NO_FILE;
      return { ...noFile([]), isEmpty };
    }
    const options = { folder: sources.cwd, timeoutMs: configTimeoutMs };
    const { content: object, printed } = await readConfigFile(file, options);
    const content = fileSettings(object, file);
    const isEmpty = Object.keys(object).length === 0;
    return { path: file, isEmpty, content, printed };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { ...noFile(error.problems), cause: error.cause };
  }
}

function noFile(problems: readonly SettingProblem[]): FileLayer {
  const content = { given: [], problems };
  return { path: undefined, isEmpty: false, content, printed: "" };
}

function nameOf({ env, configPath }: SettingsSources): string | undefined {
  return configPath ?? (env.REMUDA_CONFIG || undefined);
}

function configFileOf(sources: SettingsSources): string | undefined {
  const { cwd, configPath } = sources;
  const named = nameOf(sources);
  if (named === undefined) return findConfigFile(cwd);
  if (named === NO_FILE) return undefined;
  const file = path.resolve(cwd, named);
  if (fileExists(file)) return file;
  const origin = configPath === undefined ? "REMUDA_CONFIG" : "--config";
  const reason = `config file "${file}" (from ${origin}) does not exist`;
  throw new SettingsError([{ type: "configFile", reason }]);
}

function commandLineApp({ app, cwd }: SettingsSources): GivenSettings {
  if (app === undefined) return { given: [], problems: [] };
  const value = path.resolve(cwd, app);
  const origin = "the command line";
  return { given: [{ path: "app", value, origin }], problems: [] };
}
