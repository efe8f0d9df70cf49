import type { Protocol, Transport } from "../../../src/worker/net/protocol.ts";

/** A protocol that tells what happens, and does what a test wants. */
export class TestProtocol implements Protocol {
  readonly transport: Transport;
  readonly events: string[] = [];
  isIdle = true;
  receivedBytes = 0;
  error: Error | undefined;
  onReceived: (text: string) => void = () => {};
  onEnded: () => void = () => {};
  onRoom: () => void = () => {};

  constructor(transport: Transport) {
    this.transport = transport;
  }

  onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    this.onReceived(chunk.toString("latin1"));
  }

  onEnd(): void {
    this.events.push("end");
    this.onEnded();
  }

  onWritable(): void {
    this.events.push("writable");
    this.onRoom();
  }

  onDeadline(): void {
    this.events.push("deadline");
  }

  onShutdown(lingerMs: number): void {
    this.events.push(`shutdown ${lingerMs}`);
  }

  onClose(error?: Error): void {
    this.error = error;
    this.events.push("close");
  }
}
