/**
 * Batches what a connection sends. Runs per chunk of a response: short texts
 * are joined and leave in one write.
 */
import type { Socket } from "node:net";

export interface SocketWriterOwner {
  /** A write filled the socket's buffer. */
  onFull(): void;
}

/** A batch longer than this is written before `uncork()`. */
const MAX_BATCH_CHARS = 65_536;
/** A longer text is written on its own: joining it would cost a copy. */
const MAX_JOINED_CHARS = 16_384;
const LOST = new Error("the connection closed before all was sent");

export class SocketWriter {
  readonly #socket: Socket;
  readonly #owner: SocketWriterOwner;
  /** Texts sent since `cork()`; undefined while nothing is batched. */
  #batch: string | undefined = undefined;

  constructor(socket: Socket, owner: SocketWriterOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + (this.#batch?.length ?? 0);
  }

  /** @param bytes text is Latin-1 */
  send(bytes: string | Uint8Array): void {
    if (this.#batch === undefined) this.#write(bytes);
    else if (typeof bytes === "string" && bytes.length <= MAX_JOINED_CHARS) {
      this.#batch += bytes;
      if (this.#batch.length > MAX_BATCH_CHARS) this.#flush();
    } else {
      // The socket joins the writes from here to `uncork()`.
      if (this.#socket.writableCorked === 0) this.#socket.cork();
      this.#flush();
      this.#write(bytes);
    }
  }

  cork(): void {
    this.#batch ??= "";
  }

  uncork(): void {
    if (this.#batch === undefined) return;
    this.#flush();
    this.#batch = undefined;
    if (this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  /**
   * Calls back when the kernel has taken everything that was sent so far, or
   * with an error if it never will.
   */
  whenSent(callback: (error?: Error | null) => void): void {
    const socket = this.#socket;
    if (!socket.writableEnded) {
      this.#flush();
      socket.write("", callback); // queued behind all earlier writes
    } else if (socket.writableFinished || socket.destroyed) {
      process.nextTick(callback, socket.writableFinished ? null : LOST);
    } else {
      const done = () => {
        socket.off("finish", done).off("close", done);
        callback(socket.writableFinished ? null : LOST);
      };
      socket.on("finish", done).on("close", done);
    }
  }

  #flush(): void {
    if (!this.#batch) return;
    const text = this.#batch;
    this.#batch = "";
    this.#write(text);
  }

  #write(bytes: string | Uint8Array): void {
    const hasRoom =
      typeof bytes === "string"
        ? this.#socket.write(bytes, "latin1")
        : this.#socket.write(bytes);
    if (!hasRoom) this.#owner.onFull();
  }
}
