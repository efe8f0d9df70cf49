import path from "node:path";

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** User of this process. */
  readonly uid: number;
  /** The system's folder for temporary files. */
  readonly tmpdir: string;
}

/** Only root can create files in it. */
const SYSTEM_FOLDER = "/run";

/**
 * Returns the default folders for control sockets. A daemon uses the first one
 * that is usable. Commands search all of them, because a shell and a service
 * of the same user rarely have the same environment.
 */
export function runtimeFolders(surroundings: Surroundings): string[] {
  const { env, uid, tmpdir } = surroundings;
  // systemd separates several folders by colons.
  const ofService = env.RUNTIME_DIRECTORY?.split(":")[0] ?? "";
  const ofUser = env.XDG_RUNTIME_DIR ?? "";
  const own = uid === 0 ? rootsFolders(tmpdir) : [ownFolder(tmpdir, uid)];
  return [
    ofService,
    ofUser && path.join(ofUser, "remuda"),
    ...grantedFolders({ uid, tmpdir }),
    ...own,
  ].filter((folder) => path.isAbsolute(folder));
}

/**
 * Returns the folders of root. Another user may have created the first one;
 * then the second is used.
 */
export function rootsFolders(tmpdir: string): string[] {
  return [tmpdir, SYSTEM_FOLDER].map((folder) => ownFolder(folder, 0));
}

/**
 * Returns the folders that root creates, inside its own, for a user that a
 * daemon switches to. Only root can create them, so they prove that root
 * started a daemon for that user.
 */
export function grantedFolders({
  uid,
  tmpdir,
}: Pick<Surroundings, "uid" | "tmpdir">): string[] {
  const folders = uid === 0 ? [] : rootsFolders(tmpdir);
  return folders.map((folder) => path.join(folder, String(uid)));
}

export function ownFolder(folder: string, uid: number): string {
  return path.join(folder, `remuda-${uid}`);
}
