/**
 * The unix socket over which local commands reach the master. Its file is
 * accessible to its owner alone from the moment it is created, and replaces an
 * earlier socket at the same path atomically.
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
import { pathProblem } from "../../shared/files/path-problem.ts";
import type { PrivilegedFiles } from "../host/privileged-files.ts";
import { settingInWords, toListenError } from "../sockets/listen-error.ts";
import { isListening, SocketFile } from "../sockets/socket-file.ts";
import { StartError } from "../start-error.ts";
import { type AdminPages, AdminServer } from "./admin-server.ts";

type ControlSettings = Pick<Settings, "runtimeDir" | "control">;

export interface ControlSocketOptions {
  readonly settings: ControlSettings;
  /** Origins of the settings, for error messages. */
  readonly origins?: LoadedSettings["origins"];
  readonly pages: AdminPages;
  /** Connections over this limit are closed at once. */
  readonly maxConnections?: number;
  readonly onListening: (socketPath: string) => void;
  /** Called if no setting names a control socket and none can be opened. */
  readonly onMissing: (reasons: readonly string[]) => void;
  /** Whether it may replace a socket on which another master listens. */
  readonly succeedsAnother?: boolean;
  /** Interval of the check that the file still exists. */
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
   * Opens nothing if no setting names a path and no default folder is usable,
   * because signals work without it.
   *
   * @throws StartError if the path in a setting is not usable
   */
  static async open(options: ControlSocketOptions): Promise<ControlSocket> {
    const socket = new ControlSocket(options);
    socket.#opened = await openSomewhere(options);
    const { checkIntervalMs = CHECK_INTERVAL_MS } = options;
    socket.#timer = setInterval(() => socket.#restore(), checkIntervalMs);
    socket.#timer.unref();
    return socket;
  }

  /** Resolves when open requests have ended, or after a short time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await closeOpened(this.#opened);
  }

  /** A user's runtime folder is removed at logout; the daemon stays. */
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
    // `open` creates the file before its first await.
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

/** As root, creates the folder for a daemon that switches to another user. */
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
    // The daemon uses a folder of its own, or has no control socket.
  }
}

/** @throws Error if another user could put a socket into the folder */
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

/** Removes the sockets of masters that were killed. */
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
