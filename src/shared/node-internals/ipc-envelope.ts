/**
 * Keeps messages of master and workers apart from those of an app, which has
 * the same channel.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that a `cmd`
 * with the prefix `NODE_` is reserved for its core and emits "internalMessage"
 * instead of "message": so no listener of an app is called, and no app sends
 * one by accident. It promises nothing about a `cmd` that it does not know.
 *
 * Runs per connection.
 */
const CMD = "NODE_REMUDA";

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
