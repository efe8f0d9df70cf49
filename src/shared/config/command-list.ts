/** The commands of `remuda`, as the help and the parser know them. */

export interface CommandFlag {
  /** Without the dashes. */
  readonly name: string;
  /** What the help calls its value; a switch has none. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandInfo {
  /** One word or two: `logs reopen`. */
  readonly name: string;
  /** What the help calls what follows the name. */
  readonly operand?: string;
  readonly help: string;
  /** More of it, for the help of this command alone. */
  readonly details?: string;
  /** `app`: runs or reads an app. `daemon`: asks a daemon that runs. */
  readonly kind: "app" | "daemon";
  readonly flags: readonly string[];
}

export const commandList = [
  {
    name: "start",
    operand: "[app-module]",
    help: "Run the app module in worker processes",
    kind: "app",
    flags: [],
  },
  {
    name: "check-config",
    operand: "[app-module]",
    help: "Print the settings, and where each is from",
    kind: "app",
    flags: [],
  },
  {
    name: "routes",
    operand: "[app-module]",
    help: "Print the app's routes, and where each is from",
    kind: "app",
    flags: [],
  },
  {
    name: "status",
    help: "Show a running daemon and its workers",
    kind: "daemon",
    flags: ["json"],
  },
  {
    name: "ready",
    help: "Say whether it takes requests; exit code 1 if not",
    details: "For health checks of containers.",
    kind: "daemon",
    flags: [],
  },
  {
    name: "top",
    help: "Show it again each second; q ends",
    kind: "daemon",
    flags: ["interval-ms", "count"],
  },
  {
    name: "reload",
    help: "Replace the workers with the code now on disk",
    details:
      "The config file is read anew. If a new worker does not become ready, " +
      "the old ones go on; --wait then says why, with exit code 1.",
    kind: "daemon",
    flags: ["wait"],
  },
  {
    name: "upgrade",
    help: "Replace the master too, with the Remuda and Node now on disk",
    details: "If the new master does not become ready, the old one goes on.",
    kind: "daemon",
    flags: ["wait"],
  },
  {
    name: "scale",
    operand: "N",
    help: "Change the number of workers, until the next reload",
    details: "N is 1 to 1024; fewer than minReady are never left.",
    kind: "daemon",
    flags: [],
  },
  {
    name: "stop",
    help: "Stop the daemon, as TERM does",
    details: "Requests in flight are finished, for at most drain.deadlineMs.",
    kind: "daemon",
    flags: ["now", "wait"],
  },
  {
    name: "logs reopen",
    help: "Open log files anew, after they were moved away",
    details: "As USR1 does, for log rotation.",
    kind: "daemon",
    flags: [],
  },
] as const satisfies readonly CommandInfo[];

export type CommandName = (typeof commandList)[number]["name"];

/** Those that single commands have. */
export const commandFlags: readonly CommandFlag[] = [
  { name: "wait", help: "Show progress; the exit code says how it ended" },
  { name: "now", help: "Cut what is in flight instead of finishing it" },
  { name: "json", help: "Print what /status has" },
  {
    name: "interval-ms",
    value: "MS",
    help: "Time between two looks, 100 or more [1000]",
  },
  {
    name: "count",
    value: "N",
    help: "End after so many looks; 1 if the output is no terminal",
  },
];

/** Settings that say where a daemon is, or how much to say. */
export const daemonSettings = ["runtime-dir", "show-stack-traces"];

/** Those by which every command finds its daemon. */
export const daemonFlags: readonly CommandFlag[] = [
  { name: "pid", value: "N", help: "The daemon whose master has this pid" },
  {
    name: "control",
    value: "PATH",
    help: "The daemon that listens on this control socket",
  },
];
