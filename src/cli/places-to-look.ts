/** Where the control socket of a daemon may be. */
import { lstatSync, readdirSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DaemonTarget } from "../shared/config/daemon-command.ts";
import { gatherSettings } from "../shared/config/gather-settings.ts";
import { describeProblem } from "../shared/config/setting-problem.ts";
import { workingFolder } from "../shared/config/working-folder.ts";
import { runtimeFolders } from "../shared/control/runtime-folders.ts";

export interface PlacesToLook {
  /** Control sockets, and folders with control sockets in them. */
  readonly sockets: readonly string[];
  readonly folders: readonly string[];
  /** Who named them: `--control`, `REMUDA_RUNTIME_DIR`, `the defaults`. */
  readonly origin: string;
  /** What kept other sources from being heard. */
  readonly problems: readonly string[];
}

/** `RuntimeDirectory=remuda` of a system service. */
const SERVICE_FOLDER = "/run/remuda";
/** In which each user has a folder, by systemd. */
const USERS_FOLDER = "/run/user";

/**
 * The same sources as those of the daemon's settings, in the same order. What
 * is wrong with other settings is no reason not to find it.
 */
export async function placesToLook(
  target: DaemonTarget,
  env: NodeJS.ProcessEnv,
): Promise<PlacesToLook> {
  const { control, runtimeDir, configPath } = target;
  const cwd = workingFolder(env);
  if (control !== undefined) {
    const sockets = [path.resolve(cwd, control)];
    return { sockets, folders: [], origin: "--control", problems: [] };
  }
  if (runtimeDir !== undefined) {
    const folders = [path.resolve(cwd, runtimeDir)];
    return { sockets: [], folders, origin: "--runtime-dir", problems: [] };
  }
  const { given, problems } = await gatherSettings({ cwd, env, configPath });
  const ofConfig = problems
    .filter(({ type }) => type === "configFile")
    .map(describeProblem);
  const socket = given.get("control.socketPath");
  const folder = given.get("runtimeDir");
  const named = socket ?? folder;
  if (typeof named?.value === "string" && named.value !== "") {
    const { value, origin } = named;
    const [sockets, folders] = socket ? [[value], []] : [[], [value]];
    return { sockets, folders, origin, problems: ofConfig };
  }
  const own = usualFolders(env).filter(isOursIfThere);
  const folders = [...own, SERVICE_FOLDER, ...foldersOfOthers()];
  const origin = "the usual folders";
  return { sockets: [], folders, origin, problems: ofConfig };
}

function usualFolders(env: NodeJS.ProcessEnv): string[] {
  const uid = process.geteuid?.() ?? 0;
  return runtimeFolders({ env, uid, tmpdir: os.tmpdir() });
}

/** Somebody else could have made it, and play a daemon. */
function isOursIfThere(folder: string): boolean {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    return stats === undefined || stats.uid === process.geteuid?.();
  } catch {
    return false;
  }
}

/** Root may ask any daemon, as one that became another user. */
function foldersOfOthers(): string[] {
  if (process.geteuid?.() !== 0) return [];
  const temporary = namesIn(os.tmpdir()).filter((n) => /^remuda-\d+$/.test(n));
  return [
    ...temporary.map((name) => path.join(os.tmpdir(), name)),
    ...namesIn(USERS_FOLDER).map((uid) => {
      return path.join(USERS_FOLDER, uid, "remuda");
    }),
  ].filter(isOfItsUser);
}

/** Its name has the user's id; anybody could have made it otherwise. */
function isOfItsUser(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  const uid = /\d+(?=$|\/remuda$)/.exec(folder)?.[0];
  return stats?.isDirectory() === true && stats.uid === Number(uid);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
