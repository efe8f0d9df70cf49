/** Runs per chunk: listeners are shared functions, nothing is allocated. */
import type { Socket } from "node:net";
import { readIntoTheSame } from "./read-buffer.ts";

/** Who is told what happens to a socket; there is one at a time. */
export interface SocketOwner {
  /**
   * The bytes are valid until it returns.
   *
   * @returns whether there is room for more
   */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  onDrain(): void;
  onFinish(): void;
  onError(error: Error): void;
  onClose(): void;
}

const OWNER = Symbol("owner");
type OwnedSocket = Socket & { [OWNER]: SocketOwner };

/**
 * Bytes come by "data" events, or past the stream's own buffer where the
 * socket was created with `onSocketRead`.
 */
export type BytesCome = "byEvents" | "pastBuffer";

/** @param socket of nobody, or of an owner that has let it go */
export function ownSocket(
  socket: Socket,
  owner: SocketOwner,
  bytesCome: BytesCome,
): void {
  (socket as OwnedSocket)[OWNER] = owner;
  if (bytesCome === "byEvents") socket.on("data", onData);
  socket.on("end", onEnd);
  socket.on("drain", onDrain);
  socket.on("finish", onFinish);
  socket.on("error", onError);
  socket.on("close", onClose);
}

/** From here on its owner is told only of its end. */
export function letStreamGo(socket: Socket): void {
  socket.off("data", onData);
  socket.off("end", onEnd);
  socket.off("drain", onDrain);
  socket.off("finish", onFinish);
}

export function letSocketGo(socket: Socket): void {
  letStreamGo(socket);
  socket.off("error", onError);
  socket.off("close", onClose);
}

/** For the socket's `onread` option: bytes come straight from the system. */
export function onSocketRead(
  this: unknown,
  byteCount: number,
  buffer: Uint8Array,
): boolean {
  readIntoTheSame();
  return (this as OwnedSocket)[OWNER].onData(viewOf(buffer, byteCount));
}

/** A view of the buffer's beginning; clients often send the same length. */
function viewOf(buffer: Uint8Array, byteCount: number): Buffer {
  if (lastView.length !== byteCount || lastView.buffer !== buffer.buffer) {
    lastView = (buffer as Buffer).subarray(0, byteCount);
  }
  return lastView;
}

let lastView: Buffer = Buffer.alloc(0);

/** What a stream has read comes in blocks of its own. */
function onData(this: OwnedSocket | Socket, chunk: Buffer): void {
  (this as OwnedSocket)[OWNER].onData(chunk);
}

function onEnd(this: OwnedSocket | Socket): void {
  (this as OwnedSocket)[OWNER].onEnd();
}

function onDrain(this: OwnedSocket | Socket): void {
  (this as OwnedSocket)[OWNER].onDrain();
}

function onFinish(this: OwnedSocket | Socket): void {
  (this as OwnedSocket)[OWNER].onFinish();
}

function onError(this: OwnedSocket | Socket, error: Error): void {
  (this as OwnedSocket)[OWNER].onError(error);
}

function onClose(this: OwnedSocket | Socket): void {
  (this as OwnedSocket)[OWNER].onClose();
}
