/**
 * Ignores signals until their real listeners are installed. Every process
 * imports this module first. Without it a USR1 would open the inspector of
 * Node.js, and a HUP, USR2 or TTIN would end or stop the process.
 *
 * No listener can exist while Node.js itself starts. If a USR1 opens the
 * inspector in that time, this module closes it.
 */
const SIGNALS = ["SIGUSR1", "SIGUSR2", "SIGHUP", "SIGTTIN", "SIGTTOU"] as const;

/** `--inspect`, `--inspect-brk` or `--inspect-wait`: the user requested it. */
const ASKS_FOR_INSPECTOR = /(?:^|\s)--inspect(?:-brk|-wait)?(?:=|\s|$)/;

/**
 * Node.js opens the inspector in another thread, so it may appear late, and on a
 * busy machine seconds later.
 */
const LOOK_AGAIN_MS = [0, 10, 50, 200, 1_000, 3_000, 10_000];

for (const signal of SIGNALS) process.on(signal, () => {});

/** Some builds of Node.js lack it; an import would throw. */
const inspector = process.features.inspector
  ? process.getBuiltinModule("node:inspector")
  : undefined;

const { NODE_OPTIONS = "", VSCODE_INSPECTOR_OPTIONS } = process.env;
const options = [...process.execArgv, NODE_OPTIONS].join(" ");
// Visual Studio Code opens an inspector in a module that is loaded earlier.
const isWanted =
  ASKS_FOR_INSPECTOR.test(options) || VSCODE_INSPECTOR_OPTIONS !== undefined;
if (!isWanted) {
  closeInspector();
  for (const ms of LOOK_AGAIN_MS) setTimeout(closeInspector, ms).unref();
}

function closeInspector(): void {
  if (inspector?.url() !== undefined) inspector.close();
}
