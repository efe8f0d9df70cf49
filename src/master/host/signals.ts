import type { Command } from "../supervisor/command.ts";

/** The command of each signal. */
const COMMANDS: Readonly<Partial<Record<NodeJS.Signals, Command>>> = {
  SIGTERM: { type: "stop", how: "terminate" },
  SIGINT: { type: "stop", how: "interrupt" },
  SIGQUIT: { type: "stop", how: "quit" },
  SIGHUP: { type: "reload" },
  SIGUSR2: { type: "upgrade" },
  SIGUSR1: { type: "reopenLogs" },
  SIGWINCH: { type: "pause" },
  SIGTTIN: { type: "scale", by: 1 },
  SIGTTOU: { type: "scale", by: -1 },
};

/**
 * Enqueues the command of each signal that arrives.
 *
 * @returns a function that removes the listeners
 */
export function listenToSignals(
  enqueue: (command: Command) => void,
): () => void {
  const entries = Object.entries(COMMANDS) as [NodeJS.Signals, Command][];
  const listeners = entries.map(([signal, command]) => {
    const listener = () => enqueue(command);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}
