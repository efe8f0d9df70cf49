/** Runs per chunk: listeners are shared functions, nothing is allocated. */
import type { Socket } from "node:net";

/** Receives the events of a socket; a socket has one owner at a time. */
export interface SocketOwner {
  /**
   * @param chunk valid until the call returns
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
 * How data arrives: by "data" events, or past the stream's buffer if the socket
 * was created with `onSocketRead`.
 */
export type DataDelivery = "byEvents" | "pastBuffer";

/** @param socket without an owner, or released by its owner */
export function ownSocket(
  socket: Socket,
  owner: SocketOwner,
  delivery: DataDelivery,
): void {
  (socket as OwnedSocket)[OWNER] = owner;
  if (delivery === "byEvents") socket.on("data", onData);
  socket.on("end", onEnd);
  socket.on("drain", onDrain);
  socket.on("finish", onFinish);
  socket.on("error", onError);
  socket.on("close", onClose);
}

/** Leaves the owner only the events "error" and "close". */
export function releaseStream(socket: Socket): void {
  socket.off("data", onData);
  socket.off("end", onEnd);
  socket.off("drain", onDrain);
  socket.off("finish", onFinish);
}

export function releaseSocket(socket: Socket): void {
  releaseStream(socket);
  socket.off("error", onError);
  socket.off("close", onClose);
}

/** For the socket's `onread` option: data comes straight from the kernel. */
export function onSocketRead(
  this: unknown,
  byteCount: number,
  buffer: Uint8Array,
): boolean {
  keepReadBuffer();
  return (this as OwnedSocket)[OWNER].onData(viewOf(buffer, byteCount));
}

/** A view of the buffer's beginning, cached: chunks often have one length. */
function viewOf(buffer: Uint8Array, byteCount: number): Buffer {
  if (lastView.length !== byteCount || lastView.buffer !== buffer.buffer) {
    lastView = (buffer as Buffer).subarray(0, byteCount);
  }
  return lastView;
}

let lastView: Buffer = Buffer.alloc(0);

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

/**
 * The buffers that sockets read into. All connections share one, so an idle
 * connection holds none, and a chunk that must be kept is copied. A connection
 * that keeps one large chunk after the other reads into buffers of its own
 * instead, which saves the copies. Runs per read.
 *
 * Node asks for a buffer when a socket opens, and after each read for another
 * one or none. It does so right after the socket's `callback`, so one variable
 * serves all sockets.
 */
export const READ_BUFFER_BYTES = 65_536;

const shared = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
let next: Buffer | undefined = shared;

/** For `onread.buffer`; undefined keeps the buffer of the last read. */
export function nextReadBuffer(): Buffer | undefined {
  const given = next;
  next = shared;
  return given;
}

/** The default after each read: the socket keeps its buffer. */
function keepReadBuffer(): void {
  next = undefined;
}

/** Called during a read: gives the socket another buffer for the next one. */
export function changeReadBuffer(isOwn: boolean): void {
  next = isOwn ? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES) : shared;
}
