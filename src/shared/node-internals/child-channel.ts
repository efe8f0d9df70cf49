/**
 * Filters the bytes and messages of a child's IPC channel before Node's own
 * code handles them: Node throws if a child writes something that Node itself
 * would not, and it buffers a message that never ends without a bound.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents the events
 * "message" and "disconnect", and no way to refuse a child's messages.
 *
 * Runs per connection.
 */
import type { ChildProcess } from "node:child_process";
import { INTERNAL_MESSAGE } from "./internal-messages.ts";

export interface ChannelFilter {
  /** @returns whether Node is not to handle the message as well */
  onMessage(isInternal: boolean, message: unknown, handle: unknown): boolean;
  /** Whether Node may parse the bytes that have come. */
  mayParse(): boolean;
  /** @param unfinishedChars of a message whose end has not come */
  onParsed(unfinishedChars: number): void;
  /** Node's own code threw. */
  onError(error: unknown): void;
}

interface ChannelHandle {
  onread(bytes?: ArrayBuffer): void;
  /** A handle that came with the bytes, and is not taken yet. */
  pendingHandle: { close(): void } | null;
}

type Emit = ChildProcess["emit"];

export function filterChannel(
  child: ChildProcess,
  filter: ChannelFilter,
): void {
  filterMessages(child, filter);
  filterBytes(child, filter);
}

function filterMessages(child: ChildProcess, filter: ChannelFilter): void {
  const emit: Emit = child.emit.bind(child);
  child.emit = ((event: string, message: unknown, handle: unknown) => {
    const isInternal = event === INTERNAL_MESSAGE;
    if (!isInternal && event !== "message") return emit(event, message, handle);
    if (filter.onMessage(isInternal, message, handle)) return true;
    try {
      return emit(event, message, handle);
    } catch (error) {
      filter.onError(error);
      return true;
    }
  }) as Emit;
}

function filterBytes(child: ChildProcess, filter: ChannelFilter): void {
  const channel = valueAt(child, "kChannelHandle") as ChannelHandle | undefined;
  if (!channel) return; // the process could not be started
  const read = channel.onread;
  const textKey = keyOf(channel, "kJSONBuffer");
  channel.onread = (bytes) => {
    if (bytes && !filter.mayParse()) {
      channel.pendingHandle?.close();
      channel.pendingHandle = null;
      return;
    }
    try {
      read.call(channel, bytes);
    } catch (error) {
      filter.onError(error);
    }
    if (!bytes || !textKey) return;
    const begun = (channel as unknown as Record<symbol, string>)[textKey];
    filter.onParsed(begun?.length ?? 0);
  };
}

function keyOf(object: object, description: string): symbol | undefined {
  const keys = Object.getOwnPropertySymbols(object);
  return keys.find((key) => key.description === description);
}

function valueAt(object: object, description: string): unknown {
  const key = keyOf(object, description);
  return key && (object as Record<symbol, unknown>)[key];
}
