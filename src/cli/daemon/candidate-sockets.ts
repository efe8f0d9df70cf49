/** Where the control socket of a daemon may be. */
import os from "node:os";
import path from "node:path";
import { describeProblem } from "../../shared/config/checks/setting-problem.ts";
import { gatherSettings } from "../../shared/config/sources/gather-settings.ts";
import {
  ownFolder,
  rootsFolders,
  runtimeFolders,
} from "../../shared/control/runtime-folders.ts";
import type { DaemonTarget } from "../command-line/daemon-flags.ts";
import { workingFolder } from "../working-folder.ts";
import { namesIn, type Place } from "./daemon-location.ts";
import { processOwner } from "./process-owner.ts";

export interface PlacesToLook {
  readonly places: readonly Place[];
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
    const places = [named(path.resolve(cwd, control), false)];
    return { places, origin: "--control", problems: [] };
  }
  if (runtimeDir !== undefined) {
    const places = [named(path.resolve(cwd, runtimeDir), true)];
    return { places, origin: "--runtime-dir", problems: [] };
  }
  const { given, problems } = await gatherSettings({ cwd, env, configPath });
  const ofConfig = problems
    .filter(({ type }) => type === "configFile")
    .map(describeProblem);
  const socket = given.get("control.socketPath");
  const setting = socket ?? given.get("runtimeDir");
  if (typeof setting?.value === "string" && setting.value !== "") {
    const { value, origin } = setting;
    const places = [named(value, socket === undefined)];
    return { places, origin, problems: ofConfig };
  }
  const origin = "the usual folders";
  const places = usualPlaces(env, target.pid);
  return { places, origin, problems: ofConfig };
}

function named(place: string, isFolder: boolean): Place {
  return { path: place, isFolder, isNamed: true };
}

function usualPlaces(env: NodeJS.ProcessEnv, pid: number | undefined): Place[] {
  const uid = process.geteuid?.() ?? 0;
  const tmpdir = os.tmpdir();
  const folders = [
    ...runtimeFolders({ env, uid, tmpdir }),
    ...(uid === 0 ? foldersGranted(tmpdir) : []),
    SERVICE_FOLDER,
  ];
  const own = [...new Set(folders)].map((folder): Place => {
    return { path: folder, isFolder: true, isNamed: false };
  });
  const ofPid = pid === undefined || uid !== 0 ? [] : foldersOfProcess(pid);
  return [...own, ...ofPid];
}

/** By root, to those whom its daemons have become. */
function foldersGranted(tmpdir: string): string[] {
  return rootsFolders(tmpdir).flatMap((folder) => {
    const names = namesIn(folder).filter((name) => /^\d+$/.test(name));
    return names.map((name) => path.join(folder, name));
  });
}

/** Root may name a daemon of any user; its folder must be that user's. */
function foldersOfProcess(pid: number): Place[] {
  const uid = processOwner(pid);
  if (uid === undefined || uid === 0) return [];
  const folders = [
    path.join(USERS_FOLDER, String(uid), "remuda"),
    ownFolder(os.tmpdir(), uid),
  ];
  return folders.map((folder): Place => {
    return { path: folder, isFolder: true, isNamed: false, uid };
  });
}
