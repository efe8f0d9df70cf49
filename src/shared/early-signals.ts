/**
 * Imported first in every process, before anything else is loaded. Until the
 * real listeners are installed a USR1 would open Node's inspector, and a HUP,
 * USR2 or TTIN would end or stop the process.
 *
 * While Node itself starts, no listener can be there: an inspector that a USR1
 * has opened by then is closed again.
 */
const SIGNALS = ["SIGUSR1", "SIGUSR2", "SIGHUP", "SIGTTIN", "SIGTTOU"] as const;

/** `--inspect`, `--inspect-brk`, `--inspect-wait`: it is wanted. */
const ASKS_FOR_INSPECTOR = /(?:^|\s)--inspect(?:-brk|-wait)?(?:=|\s|$)/;

/** A signal of before may show so late: Node's thread for it has to wake up. */
const LOOK_AGAIN_MS = [0, 10, 50];

for (const signal of SIGNALS) process.on(signal, () => {});

/** Not there in every build of Node; an import would throw. */
const inspector = process.features.inspector
  ? process.getBuiltinModule("node:inspector")
  : undefined;

const { NODE_OPTIONS = "", VSCODE_INSPECTOR_OPTIONS } = process.env;
const options = [...process.execArgv, NODE_OPTIONS].join(" ");
// Visual Studio Code opens one by a module that is loaded before this.
const isWanted =
  ASKS_FOR_INSPECTOR.test(options) || VSCODE_INSPECTOR_OPTIONS !== undefined;
if (!isWanted) {
  closeInspector();
  for (const ms of LOOK_AGAIN_MS) setTimeout(closeInspector, ms).unref();
}

function closeInspector(): void {
  if (inspector?.url() !== undefined) inspector.close();
}
