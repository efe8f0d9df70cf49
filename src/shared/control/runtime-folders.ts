import path from "node:path";

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Of this process. */
  readonly uid: number;
  /** The system's folder for temporary files. */
  readonly tmpdir: string;
}

/** Nobody but root can make names in it. */
const SYSTEM_FOLDER = "/run";

/**
 * Where control sockets may be if no setting says so: a daemon takes the first
 * folder that it can use, and who looks for a daemon looks in all. A shell and
 * a service of the same user seldom have the same environment.
 */
export function runtimeFolders(surroundings: Surroundings): string[] {
  const { env, uid, tmpdir } = surroundings;
  // systemd names several with colons between them.
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
 * Root's own. Anybody could have made the first one: then the second is used.
 */
export function rootsFolders(tmpdir: string): string[] {
  return [tmpdir, SYSTEM_FOLDER].map((folder) => ownFolder(folder, 0));
}

/**
 * Where root makes a folder for another user whom a daemon becomes, in one of
 * its own: so root knows that it has started a daemon for that user. Nobody
 * else can make them.
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
