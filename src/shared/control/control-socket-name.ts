const NAME = /^remuda-(\d+)\.sock$/;

/** Returns the file name of a master's control socket. */
export function controlSocketName(masterPid: number): string {
  return `remuda-${masterPid}.sock`;
}

/** Returns the pid of the master; undefined for any other file name. */
export function pidOfControlSocket(fileName: string): number | undefined {
  const pid = NAME.exec(fileName)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
