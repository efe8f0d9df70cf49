/** Messages that an app sends to the app in other workers. */

/** Of `broadcast()`. */
const BROADCAST = "_remuda_broadcast";
/** Of `@socket.io/cluster-adapter`, whose primary passes them on. */
const SOCKET_IO = "_sio_adapter";

interface Marked {
  readonly source?: unknown;
  readonly message?: unknown;
}

/** Makes a message one for the other workers. */
export function markBroadcast(message: unknown): object {
  return { source: BROADCAST, message } satisfies Marked;
}

/**
 * Selects the message for the other workers from one of `process.send()`.
 *
 * @returns undefined if it is not for them
 */
export function messageForOthers(sent: unknown): unknown {
  if (typeof sent !== "object" || sent === null) return undefined;
  const { source, message } = sent as Marked;
  if (source === SOCKET_IO) return sent;
  return source === BROADCAST ? message : undefined;
}

/** Gives the app a message of another worker, as from `process.send()`. */
export function deliverBroadcast(json: string): void {
  let message: unknown;
  try {
    message = JSON.parse(json);
  } catch {
    return; // that worker's app has written to its channel itself
  }
  process.emit("message", message, undefined);
}
