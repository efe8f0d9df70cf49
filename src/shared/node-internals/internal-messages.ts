/**
 * The messages that Node's own modules exchange over an IPC channel: how a
 * process answers for a handle that it was sent, and what the cluster module
 * says.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that the event
 * "internalMessage" exists and should not be used; and for handles only a
 * callback of `send()`, which is called before the other process has answered.
 *
 * Runs per connection.
 */
import type { ChildProcess } from "node:child_process";

export const INTERNAL_MESSAGE = "internalMessage";

type Listener = (message: unknown, handle: unknown) => void;

/** Both ends of a channel have the event. */
export function onInternalMessage(
  end: ChildProcess | NodeJS.Process,
  listener: Listener,
): void {
  end.on(INTERNAL_MESSAGE as "message", listener);
}

/**
 * A child's answer for the handle that it was sent last: "refused" where its
 * descriptors ran out, for instance; undefined for any other message.
 */
export function handleAnswerOf(
  message: unknown,
): "taken" | "refused" | undefined {
  const cmd = cmdOf(message);
  if (cmd === "NODE_HANDLE_ACK") return "taken";
  return cmd === "NODE_HANDLE_NACK" ? "refused" : undefined;
}

/** Whether it is the cluster module's, as for a server in a worker. */
export function isClusterMessage(message: unknown): boolean {
  return cmdOf(message) === "NODE_CLUSTER";
}

function cmdOf(message: unknown): unknown {
  return (message as { readonly cmd?: unknown } | null | undefined)?.cmd;
}
