/**
 * Guards the master's end of the channel to a worker. The app has the same
 * channel: its messages to a parent are dropped, and whatever it does to Node's
 * own messages, or to the bytes, must not throw here. Runs per connection.
 */
import type { ChildProcess } from "node:child_process";
import { filterChannel } from "../../../shared/node-internals/child-channel.ts";
import { isEnvelope } from "../../../shared/node-internals/ipc-envelope.ts";

export interface ChannelEvents {
  /** A message in our envelope, not checked. */
  onMessage(message: unknown): void;
  /** The channel is read no further. */
  onBroken(why: string): void;
}

/** Characters of a message: a worker with 100,000 routes needs a third. */
const MAX_MESSAGE_CHARS = 64 * 1024 * 1024;

export function guardChannel(child: ChildProcess, events: ChannelEvents): void {
  let isBroken = false;
  const onError = (error: unknown) => {
    if (isBroken) return;
    isBroken = true;
    events.onBroken((error as Error).message);
  };
  filterChannel(child, {
    onMessage(isInternal, message, handle) {
      const isOurs = !isBroken && isInternal && isEnvelope(message);
      if (isInternal && !isBroken && !isOurs) return false; // Node's own
      closeUnused(handle);
      if (isOurs) events.onMessage(message.message);
      return true;
    },
    mayParse: () => !isBroken,
    onParsed(unfinishedChars) {
      if (unfinishedChars <= MAX_MESSAGE_CHARS) return;
      onError(new Error(`a message is longer than ${MAX_MESSAGE_CHARS}`));
    },
    onError,
  });
}

/** A socket, or a server that has begun to listen here. */
function closeUnused(handle: unknown): void {
  const { destroy, close } = (handle ?? {}) as {
    destroy?: () => void;
    close?: () => void;
  };
  if (destroy) destroy.call(handle);
  else close?.call(handle);
}
