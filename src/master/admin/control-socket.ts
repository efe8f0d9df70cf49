/**
 * The unix socket over which the commands of this machine reach the master. Its
 * file is for its owner alone from its first moment on, and whatever listened
 * at the same path before is replaced in one step.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { Settings } from "../../shared/config/settings.ts";
import {
  controlSocketName,
  pidOfControlSocket,
} from "../../shared/control/control-socket-name.ts";
import {
  grantedFolders,
  runtimeFolders,
} from "../../shared/control/runtime-folders.ts";
import { pathProblem } from "../../shared/path-problem.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import { settingInWords } from "../sockets/address-settings.ts";
import { toListenError } from "../sockets/listen-error.ts";
import { isListening, SocketFile } from "../sockets/socket-file.ts";
import { StartError } from "../start-error.ts";
import { type AdminPages, AdminServer } from "./admin-server.ts";

type ControlSettings = Pick<Settings, "runtimeDir" | "control">;

export interface ControlSocketOptions {
  readonly settings: ControlSettings;
  /** Where they are from, for an error that says it. */
  readonly origins?: LoadedSettings["origins"];
  readonly pages: AdminPages;
  /** Connections over this limit are closed at once. */
  readonly maxConnections?: number;
  readonly onListening: (socketPath: string) => void;
  /** Told why there is no control socket, where none was asked for. */
  readonly onMissing: (reasons: readonly string[]) => void;
  /** Whether it may take the place of one that is listened on. */
  readonly succeedsAnother?: boolean;
  /** How often to see whether the file is still there. */
  readonly checkIntervalMs?: number;
}

interface Opened {
  readonly file: SocketFile;
  readonly server: AdminServer;
}

const ONLY_OWNER = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
const CHECK_INTERVAL_MS = 5_000;

export class ControlSocket {
  readonly #options: ControlSocketOptions;
  #opened: Opened | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(options: ControlSocketOptions) {
    this.#options = options;
  }

  /**
   * Where no setting says where it should be, and none of the usual folders can
   * be used, it listens nowhere: signals do without it.
   *
   * @throws StartError where a setting names a place that cannot be used
   */
  static async open(options: ControlSocketOptions): Promise<ControlSocket> {
    const socket = new ControlSocket(options);
    socket.#opened = await openSomewhere(options);
    const { checkIntervalMs = CHECK_INTERVAL_MS } = options;
    socket.#timer = setInterval(() => socket.#restore(), checkIntervalMs);
    socket.#timer.unref();
    return socket;
  }

  /** Goes on with what is under way, for a moment. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await closeOpened(this.#opened);
  }

  /** The folder of a user goes when the user logs out; the daemon stays. */
  async #restore(): Promise<void> {
    const opened = this.#opened;
    if (!opened?.file.isMissing) return;
    this.#opened = undefined;
    const again = await openSomewhere(this.#options).catch((error: Error) => {
      this.#options.onMissing([error.message]);
      return undefined;
    });
    this.#opened = again;
    await closeOpened(opened);
    if (this.#isClosed) await closeOpened(again);
  }
}

async function closeOpened(opened: Opened | undefined): Promise<void> {
  opened?.file.remove();
  await opened?.server.close();
}

async function openSomewhere(
  options: ControlSocketOptions,
): Promise<Opened | undefined> {
  const { settings, onMissing } = options;
  const named = settings.control.socketPath ?? settings.runtimeDir;
  const places = named === undefined ? usualFolders() : [named];
  const reasons: string[] = [];
  for (const place of places) {
    try {
      return await openAt(place, options);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  if (named === undefined) {
    onMissing(reasons);
    return undefined;
  }
  const [reason] = reasons;
  const hint = settingHint(options);
  throw new StartError({ message: `no control socket: ${reason}${hint}` });
}

function settingHint({ settings, origins }: ControlSocketOptions): string {
  if (!origins) return "";
  const isPath = settings.control.socketPath !== undefined;
  const path = isPath ? "control.socketPath" : "runtimeDir";
  return `; the setting is ${settingInWords(path, origins)}`;
}

async function openAt(
  place: string,
  options: ControlSocketOptions,
): Promise<Opened> {
  const { settings, pages, maxConnections } = options;
  const { onListening, succeedsAnother } = options;
  const isFolder = settings.control.socketPath === undefined;
  if (isFolder) await prepareFolder(place);
  const socketPath = isFolder
    ? path.join(place, controlSocketName(process.pid))
    : place;
  try {
    const file = await SocketFile.prepare(socketPath, succeedsAnother);
    // The file is made before `open` waits for anything.
    const server = await withUmask(0o177, () => {
      return AdminServer.open(
        { path: file.temporaryPath },
        pages,
        maxConnections,
      );
    });
    await putInPlace({ file, server });
    onListening(socketPath);
    return { file, server };
  } catch (error) {
    throw toListenError({ socketPath }, error as NodeJS.ErrnoException);
  }
}

async function putInPlace({ file, server }: Opened): Promise<void> {
  try {
    file.place("0600");
  } catch (error) {
    await server.close();
    throw error;
  }
}

function usualFolders(): string[] {
  const uid = process.geteuid?.() ?? 0;
  const tmpdir = os.tmpdir();
  const granted = grantedFolders({ uid, tmpdir });
  const folders = runtimeFolders({ env: process.env, uid, tmpdir });
  return folders.filter((folder) => {
    return !granted.includes(folder) || fs.existsSync(folder);
  });
}

/** As root: makes the folder that a daemon uses when it is another user. */
export function grantRuntimeFolder(
  { control, runtimeDir }: ControlSettings,
  uid: number,
  files: PrivilegedFiles,
): void {
  if (control.socketPath !== undefined) return;
  if (runtimeDir !== undefined) {
    files.makeFolder(runtimeDir);
    return;
  }
  try {
    const folders = grantedFolders({ uid, tmpdir: os.tmpdir() });
    folders.some((folder) => files.grantFolder(folder));
  } catch {
    // It uses one of its own then, or goes on without a control socket.
  }
}

/**
 * @throws Error where others could put a socket of theirs into the folder
 */
async function prepareFolder(folder: string): Promise<void> {
  const uid = process.geteuid?.() ?? 0;
  const problem = pathProblem(folder, { uids: [uid], isStrict: false });
  if (problem !== undefined) throw new Error(`${folder} ${problem}`);
  fs.mkdirSync(folder, { recursive: true, mode: ONLY_OWNER });
  const stats = fs.statSync(folder);
  if (!stats.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (stats.uid !== uid) {
    throw new Error(`${folder} belongs to user ${stats.uid}, not to ${uid}`);
  }
  if (stats.mode & WRITABLE_BY_OTHERS) {
    const mode = (stats.mode & 0o777).toString(8);
    throw new Error(`others may write to ${folder} (mode ${mode})`);
  }
  await removeStale(folder);
}

/** Of masters that were killed. */
async function removeStale(folder: string): Promise<void> {
  for (const name of fs.readdirSync(folder)) {
    if (pidOfControlSocket(name) === undefined) continue;
    const file = path.join(folder, name);
    if (!(await isListening(file))) fs.rmSync(file, { force: true });
  }
}

function withUmask<Result>(mask: number, act: () => Result): Result {
  const before = process.umask(mask);
  try {
    return act();
  } finally {
    process.umask(before);
  }
}
