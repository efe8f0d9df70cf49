/** Connections on their way to the worker of a session, and their messages. */
import type {
  BegunConnection,
  RawHandle,
  WorkerMessage,
} from "../../shared/ipc-messages.ts";
import type { DetachedConnection } from "../net/protocol.ts";

/** A connection from which a worker has read. */
export interface ReadConnection extends DetachedConnection {
  /** The session that its next request names. */
  readonly session: string;
  /** What was read of the request and of those behind it. */
  readonly bytes: Buffer;
}

/** A connection whose next request may belong to another worker. */
export interface StrayConnection extends ReadConnection {
  /** Whether a session of nobody becomes that of the worker that gets it. */
  readonly mayOwn: boolean;
}

export type HandOver = Extract<WorkerMessage, { type: "handOver" }>;

/** The message that carries its handle. */
export function handOverOf(
  listener: number,
  { session, mayOwn, bytes, proxyHeader }: StrayConnection,
): HandOver {
  const text = bytes.toString("base64");
  const begun = { session, mayOwn, bytes: text, proxyHeader };
  return { type: "handOver", listener, ...begun };
}

export function connectionOf(
  handle: RawHandle,
  { session, bytes, proxyHeader }: BegunConnection,
): ReadConnection {
  const read = Buffer.from(bytes, "base64");
  return { handle, session, bytes: read, proxyHeader };
}
