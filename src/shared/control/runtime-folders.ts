import path from "node:path";

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Of this process. */
  readonly uid: number;
  /** The system's folder for temporary files. */
  readonly tmpdir: string;
}

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
  return [
    ofService,
    ofUser && path.join(ofUser, "remuda"),
    path.join(tmpdir, `remuda-${uid}`),
  ].filter((folder) => path.isAbsolute(folder));
}
