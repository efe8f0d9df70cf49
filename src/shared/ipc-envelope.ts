/**
 * How messages of master and workers are told from those of an app, which has
 * the same channel: Node keeps a `cmd` with this prefix from "message", so no
 * listener of an app hears it, and none sends it by accident. Runs per
 * connection.
 */
const CMD = "NODE_REMUDA";

/** The event by which both sides hear it. */
export const INTERNAL_MESSAGE = "internalMessage";

export interface Envelope<Message = unknown> {
  readonly cmd: typeof CMD;
  readonly message: Message;
}

export function wrap<Message>(message: Message): Envelope<Message> {
  return { cmd: CMD, message };
}

export function isEnvelope(value: unknown): value is Envelope {
  return (value as Partial<Envelope> | null | undefined)?.cmd === CMD;
}
