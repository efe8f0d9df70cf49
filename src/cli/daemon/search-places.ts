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
import { namesIn, type Place } from "./candidate-sockets.ts";
import { processOwner } from "./process-owner.ts";

export interface SearchedPlaces {
  readonly places: readonly Place[];
  /** Source of the places: `--control`, `REMUDA_RUNTIME_DIR`. */
  readonly origin: string;
  /** Why the config file could not be read. */
  readonly problems: readonly string[];
}

/** `RuntimeDirectory=remuda` of a system service. */
const SERVICE_FOLDER = "/run/remuda";
/** Systemd makes a folder for each user in it. */
const USERS_FOLDER = "/run/user";

/**
 * The places where the control socket of a daemon can be. The sources are those
 * of the daemon's settings, in the same order; errors in other settings are
 * ignored.
 */
export async function searchPlaces(
  target: DaemonTarget,
  env: NodeJS.ProcessEnv,
): Promise<SearchedPlaces> {
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
  const configProblems = problems
    .filter(({ type }) => type === "configFile")
    .map(describeProblem);
  const socket = given.get("control.socketPath");
  const setting = socket ?? given.get("runtimeDir");
  if (typeof setting?.value === "string" && setting.value !== "") {
    const { value, origin } = setting;
    const places = [named(value, socket === undefined)];
    return { places, origin, problems: configProblems };
  }
  const origin = "the usual folders";
  const places = usualPlaces(env, target.pid);
  return { places, origin, problems: configProblems };
}

function named(place: string, isFolder: boolean): Place {
  return { path: place, isFolder, isNamed: true };
}

function usualPlaces(env: NodeJS.ProcessEnv, pid: number | undefined): Place[] {
  const uid = process.geteuid?.() ?? 0;
  const tmpdir = os.tmpdir();
  const folders = [
    ...runtimeFolders({ env, uid, tmpdir }),
    ...(uid === 0 ? grantedFolders(tmpdir) : []),
    SERVICE_FOLDER,
  ];
  const own = [...new Set(folders)].map((folder): Place => {
    return { path: folder, isFolder: true, isNamed: false };
  });
  const pidFolders =
    pid === undefined || uid !== 0 ? [] : foldersOfProcess(pid);
  return [...own, ...pidFolders];
}

/** Folders that root made for the users its daemons became. */
function grantedFolders(tmpdir: string): string[] {
  return rootsFolders(tmpdir).flatMap((folder) => {
    const names = namesIn(folder).filter((name) => /^\d+$/.test(name));
    return names.map((name) => path.join(folder, name));
  });
}

/** Root may ask a daemon of any user, in folders of that user only. */
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
