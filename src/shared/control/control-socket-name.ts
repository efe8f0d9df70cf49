const NAME = /^remuda-(\d+)\.sock$/;

/** What the control socket of a master is called in its runtime folder. */
export function controlSocketName(masterPid: number): string {
  return `remuda-${masterPid}.sock`;
}

/** The master's pid, where a file is called like a control socket. */
export function pidOfControlSocket(fileName: string): number | undefined {
  const pid = NAME.exec(fileName)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
