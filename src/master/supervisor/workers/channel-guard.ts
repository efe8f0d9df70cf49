/**
 * The channel to a worker, where it comes in. An app has that channel too: what
 * it says to a parent is nobody's, and what it does to Node's own messages, or
 * to the bytes, must not throw here. Runs per connection.
 */
import type { ChildProcess } from "node:child_process";
import { INTERNAL_MESSAGE, isEnvelope } from "../../../shared/ipc-envelope.ts";

export interface ChannelEvents {
  /** A message in our envelope, not checked. */
  onMessage(message: unknown): void;
  /** Nothing more is heard. */
  onBroken(why: string): void;
}

/** Characters of a message: a worker with 100,000 routes needs a third. */
const MAX_MESSAGE_CHARS = 64 * 1024 * 1024;

/** Undocumented part of Node's channel; checked with Node 20, 24 and 26. */
interface ChannelHandle {
  onread(bytes?: ArrayBuffer): void;
  /** A handle that came with the bytes, and is not taken yet. */
  pendingHandle: Closable | null;
}

type Closable = { close(): void };
type Emit = ChildProcess["emit"];

export function guardChannel(child: ChildProcess, events: ChannelEvents): void {
  let isBroken = false;
  const breakUp = (error: unknown) => {
    if (isBroken) return;
    isBroken = true;
    events.onBroken((error as Error).message);
  };
  const emit: Emit = child.emit.bind(child);
  child.emit = ((event: string, message: unknown, handle: unknown) => {
    if (event === "message") {
      ignoreErrors(handle);
      return true;
    }
    if (event !== INTERNAL_MESSAGE) return emit(event, message, handle);
    if (isBroken) {
      ignoreErrors(handle);
      return true;
    }
    if (isEnvelope(message)) {
      ignoreErrors(handle);
      events.onMessage(message.message);
      return true;
    }
    try {
      return emit(event, message, handle);
    } catch (error) {
      breakUp(error); // Node's own, and it was not Node that said it
      return true;
    }
  }) as Emit;
  guardBytes(child, breakUp, () => isBroken);
}

function guardBytes(
  child: ChildProcess,
  breakUp: (error: unknown) => void,
  isBroken: () => boolean,
): void {
  const channel = valueAt(child, "kChannelHandle") as ChannelHandle | undefined;
  if (!channel) return; // the process could not be started
  const read = channel.onread;
  const textKey = keyOf(channel, "kJSONBuffer");
  channel.onread = (bytes) => {
    if (bytes && isBroken()) {
      channel.pendingHandle?.close();
      channel.pendingHandle = null;
      return;
    }
    try {
      read.call(channel, bytes);
    } catch (error) {
      breakUp(error);
    }
    if (!bytes || !textKey) return;
    const begun = (channel as unknown as Record<symbol, string>)[textKey];
    if ((begun?.length ?? 0) > MAX_MESSAGE_CHARS) {
      breakUp(new Error(`a message is longer than ${MAX_MESSAGE_CHARS}`));
    }
  };
}

/** Where it is a socket, or a server that has begun to listen here. */
function ignoreErrors(handle: unknown): void {
  const { destroy, close } = (handle ?? {}) as {
    destroy?: () => void;
    close?: () => void;
  };
  if (destroy) destroy.call(handle);
  else close?.call(handle);
}

function keyOf(object: object, description: string): symbol | undefined {
  const keys = Object.getOwnPropertySymbols(object);
  return keys.find((key) => key.description === description);
}

function valueAt(object: object, description: string): unknown {
  const key = keyOf(object, description);
  return key && (object as Record<symbol, unknown>)[key];
}
