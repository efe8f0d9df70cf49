import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  DeadlineWheel,
  TICK_MS,
} from "../../../src/worker/net/deadline-wheel.ts";
import {
  FairScheduler,
  TIME_SLICE_MS,
} from "../../../src/worker/net/fair-scheduler.ts";
import {
  SocketTransport,
  type TransportContext,
} from "../../../src/worker/net/socket-transport.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { TestProtocol } from "./test-protocol.ts";

/** A socket whose kernel takes bytes only when it is told to. */
class FakeSocket extends Duplex {
  readonly writes: string[] = [];
  readonly _handle = { bytesWritten: 0, writeQueueSize: 0 };
  readonly remoteAddress = "192.0.2.1";
  isReset = false;
  /** Whether the kernel takes what is written at once. */
  takes = true;
  #done: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true, highWaterMark: 100, decodeStrings: false });
  }

  override _read(): void {}

  override _write(
    bytes: string | Buffer,
    _encoding: string,
    done: () => void,
  ): void {
    this.#write(bytes.toString("latin1"), done);
  }

  override _writev(all: { chunk: string | Buffer }[], done: () => void): void {
    const texts = all.map(({ chunk }) => chunk.toString("latin1"));
    this.#write(texts.join(""), done);
  }

  #write(text: string, done: () => void): void {
    this.writes.push(text);
    this._handle.bytesWritten += text.length;
    if (this.takes) done();
    else this._handle.writeQueueSize += text.length;
    this.#done = done;
  }

  /** The kernel takes so much of what waits. */
  takeBytes(bytes = this._handle.writeQueueSize): void {
    this._handle.writeQueueSize -= bytes;
    if (this._handle.writeQueueSize === 0) this.#done?.();
  }

  resetAndDestroy(): this {
    this.isReset = true;
    return this.destroy();
  }
}

/** @param shared with another connection */
function connected(shared?: TransportContext) {
  const clock = new FakeClock();
  const wheel = new DeadlineWheel(clock);
  const socket = new FakeSocket();
  const gone: SocketTransport[] = [];
  const context = shared ?? {
    clock,
    wheel,
    scheduler: new FairScheduler(clock),
    writeTimeoutMs: 10_000,
    lingeringCloseTimeoutMs: 2_000,
    onLingering: () => {},
    onClosed: (transport: SocketTransport) => gone.push(transport),
  };
  const transport = new SocketTransport(
    socket as unknown as Socket,
    context,
    (own) => new TestProtocol(own),
  );
  const protocol = transport.protocol as TestProtocol;
  const run = (ms: number) => {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      clock.advance(TICK_MS);
      wheel.advance();
    }
  };
  return { clock, wheel, socket, transport, protocol, gone, run, context };
}

describe("data sent while corked", () => {
  test("leaves in one write, texts joined to one", () => {
    const { socket, transport } = connected();
    transport.cork();
    for (const text of ["a", "b", "c"]) transport.send(text);
    assert.deepEqual(socket.writes, []);
    transport.uncork();
    assert.deepEqual(socket.writes, ["abc"]);
  });

  test("leaves in order, texts and bytes together", () => {
    const { socket, transport } = connected();
    transport.cork();
    for (const part of ["a", Buffer.from("b"), "c", Buffer.from("d"), "e"]) {
      transport.send(part);
    }
    assert.deepEqual(socket.writes, []);
    transport.uncork();
    assert.deepEqual(socket.writes, ["abcde"]);
    transport.send("f");
    assert.deepEqual(socket.writes, ["abcde", "f"]);
  });

  test("leaves before a close", async () => {
    const { socket, transport } = connected();
    transport.cork();
    transport.send("last");
    transport.close();
    transport.send("after");
    await nextTurn();
    assert.deepEqual(socket.writes, ["last"]);
    assert.equal(socket.writableFinished, true);
  });

  test("leaves early where it is much: the rest must see no room", () => {
    const { socket, transport } = connected();
    socket.takes = false;
    transport.cork();
    assert.equal(transport.canSend, true);
    for (let sent = 0; sent < 70_000; sent += 10_000) {
      transport.send("x".repeat(10_000));
    }
    assert.equal(socket.writes.length, 1);
    assert.equal(transport.canSend, false);
  });

  test("leaves in one write where a text is long, and fills the room", () => {
    const { socket, transport } = connected();
    const long = "x".repeat(70_000);
    transport.cork();
    for (const text of ["a", long, "b"]) transport.send(text);
    assert.equal(transport.canSend, false);
    transport.uncork();
    assert.deepEqual(socket.writes, [`a${long}b`]);
  });

  test("is Latin-1", () => {
    const { socket, transport } = connected();
    transport.send("\xe9\xff");
    assert.equal(socket.writes[0], "\xe9\xff");
  });
});

describe("a client that does not read", () => {
  function jammed() {
    const made = connected();
    made.socket.takes = false;
    made.transport.send("x".repeat(1_000));
    return made;
  }

  test("is waited for, and then sent more", async () => {
    const { socket, transport, protocol } = jammed();
    assert.equal(transport.canSend, false);
    assert.equal(transport.isIdle, false);
    socket.takeBytes();
    await nextTurn();
    assert.deepEqual(protocol.events, ["writable"]);
    assert.equal(transport.canSend, true);
    assert.equal(transport.isIdle, true);
  });

  test("is cut off at the time-out, by a reset", async () => {
    const { socket, protocol, gone, run, wheel } = jammed();
    run(10_000 - TICK_MS);
    assert.equal(socket.destroyed, false);
    run(3 * TICK_MS);
    await nextTurn();
    assert.equal(socket.isReset, true);
    assert.deepEqual(protocol.events, ["close"]);
    assert.equal(gone.length, 1);
    assert.equal(wheel.size, 0);
  });

  test("has its full time again after it read a little", async () => {
    const { socket, run } = jammed();
    for (let rounds = 0; rounds < 5; rounds++) {
      run(9_000);
      socket.takeBytes(10);
    }
    assert.equal(socket.destroyed, false);
    // It is looked at every sixteenth of the time, and at the wheel's ticks.
    run(10_000 + 10_000 / 16 + 2 * TICK_MS);
    assert.equal(socket.destroyed, true);
  });

  test("has its time from when it stopped reading, not twice", () => {
    const { socket, run } = jammed();
    run(TICK_MS);
    socket.takeBytes(10);
    run(9_500);
    assert.equal(socket.destroyed, false);
    run(500 + 10_000 / 16 + 2 * TICK_MS);
    assert.equal(socket.destroyed, true);
  });

  test("has its full time again even if more waits than before", async () => {
    const { socket, transport, run } = connected();
    socket.takes = false;
    transport.send("x".repeat(90)); // below the mark: no jam yet
    transport.send("x".repeat(5_000));
    run(9_000);
    socket.takeBytes(90);
    await nextTurn();
    assert.equal(socket._handle.writeQueueSize, 5_000);
    run(9_000);
    assert.equal(socket.destroyed, false);
    run(1_000 + 10_000 / 16 + 2 * TICK_MS);
    assert.equal(socket.destroyed, true);
  });

  test("has no time-out once all is taken", async () => {
    const { socket, run } = jammed();
    socket.takeBytes();
    await nextTurn();
    run(60_000);
    assert.equal(socket.destroyed, false);
  });

  test("is cut off too when the last answer is all there is", async () => {
    const { socket, transport, run } = connected();
    socket.takes = false;
    transport.send("last");
    transport.close();
    run(10_000 + 2 * TICK_MS);
    assert.equal(socket.isReset, true);
  });
});

describe("one that could go on for long", () => {
  const FULL_READ = Buffer.alloc(65_536);

  /** Asks as often as a pipeline of so many requests does. */
  function asks(transport: SocketTransport, times = 20): boolean {
    return Array.from({ length: times }, () => transport.canSend).every(
      Boolean,
    );
  }

  test("may send while a turn of the event loop has time", async () => {
    const { clock, transport, protocol } = connected();
    assert.equal(asks(transport), true);
    clock.advance(TIME_SLICE_MS / 2);
    assert.equal(asks(transport), true);
    await nextTurn();
    assert.deepEqual(protocol.events, []);
  });

  test("yields then, and is notified when it may continue", async () => {
    const { clock, socket, transport, protocol } = connected();
    asks(transport);
    clock.advance(TIME_SLICE_MS);
    assert.equal(transport.canSend, false);
    assert.equal(socket.isPaused(), true);
    assert.deepEqual(protocol.events, []);
    await nextTurn();
    assert.deepEqual(protocol.events, ["writable"]);
    assert.equal(socket.isPaused(), false);
    assert.equal(transport.canSend, true);
  });

  test("does not make others give way that have done little", () => {
    const { clock, transport, context } = connected();
    const other = connected(context);
    asks(transport);
    clock.advance(TIME_SLICE_MS);
    assert.equal(transport.canSend, false);
    assert.equal(asks(other.transport), true);
    clock.advance(0.2);
    assert.equal(other.transport.canSend, false);
  });

  test("gives way also where few steps send much", async () => {
    const { clock, transport } = connected();
    const maySend: boolean[] = [];
    for (let sent = 0; sent < 4; sent++) {
      transport.send("x".repeat(65_536));
      await undefined; // the kernel has taken it
      clock.advance(TIME_SLICE_MS * 0.4);
      maySend.push(transport.canSend);
    }
    assert.deepEqual(maySend, [true, true, true, false]);
  });

  test("is not notified before there is room as well", async () => {
    const { clock, socket, transport, protocol } = connected();
    socket.takes = false;
    asks(transport);
    clock.advance(TIME_SLICE_MS);
    assert.equal(transport.canSend, false);
    transport.send("x".repeat(1_000));
    await nextTurn();
    assert.deepEqual(protocol.events, []);
    socket.takeBytes();
    await nextTurn();
    assert.deepEqual(protocol.events, ["writable"]);
  });

  test("reads no more while others wait", async () => {
    const { clock, socket, transport, protocol } = connected();
    protocol.onReceived = () => clock.advance(TIME_SLICE_MS);
    transport.onData(FULL_READ);
    assert.equal(socket.isPaused(), false);
    transport.onData(FULL_READ);
    assert.equal(socket.isPaused(), true);
    await nextTurn();
    assert.equal(socket.isPaused(), false);
    transport.onData(FULL_READ);
    assert.equal(protocol.receivedBytes, 3 * FULL_READ.length);
  });

  test("stays paused where its protocol wants that", async () => {
    const { clock, socket, transport, protocol } = connected();
    protocol.onReceived = () => clock.advance(TIME_SLICE_MS);
    transport.onData(FULL_READ);
    transport.onData(FULL_READ);
    transport.pauseReading();
    await nextTurn();
    assert.equal(socket.isPaused(), true);
    transport.resumeReading();
    assert.equal(socket.isPaused(), false);
  });

  test("is forgotten where it closes meanwhile", async () => {
    const { clock, transport, protocol } = connected();
    asks(transport);
    clock.advance(TIME_SLICE_MS);
    assert.equal(transport.canSend, false);
    transport.close();
    await nextTurn();
    assert.deepEqual(protocol.events, []);
  });
});

describe("a protocol's deadline", () => {
  test("is noticed within a tick, and once", () => {
    const { clock, transport, protocol, run } = connected();
    transport.deadlineAt = clock.now() + 1_000;
    run(1_000 - TICK_MS);
    assert.deepEqual(protocol.events, []);
    run(2 * TICK_MS);
    assert.deepEqual(protocol.events, ["deadline"]);
    run(60_000);
    assert.deepEqual(protocol.events, ["deadline"]);
  });

  test("may move to later and to earlier", () => {
    const { clock, transport, protocol, run } = connected();
    transport.deadlineAt = clock.now() + 1_000;
    transport.deadlineAt = clock.now() + 5_000;
    run(4_000);
    assert.deepEqual(protocol.events, []);
    transport.deadlineAt = clock.now() + 60_000;
    transport.deadlineAt = clock.now() + 500;
    run(500 + TICK_MS);
    assert.deepEqual(protocol.events, ["deadline"]);
  });

  test("is noticed even if the write timeout passes with it", () => {
    const { clock, socket, transport, protocol, run } = connected();
    socket.takes = false;
    transport.send("x".repeat(1_000));
    transport.deadlineAt = clock.now() + 10_000;
    run(5_000);
    socket.takeBytes(10);
    run(5_000 + 2 * TICK_MS);
    assert.equal(socket.destroyed, false);
    assert.deepEqual(protocol.events, ["deadline"]);
  });

  test("does not outlive the connection", async () => {
    const { clock, socket, transport, protocol, wheel, run } = connected();
    transport.deadlineAt = clock.now() + 1_000;
    socket.destroy();
    await nextTurn();
    assert.equal(wheel.size, 0);
    run(2_000);
    assert.deepEqual(protocol.events, ["close"]);
  });
});

describe("a close", () => {
  test("RFC 9112 §9.6 lingers: reads on, listens to nothing", async () => {
    const { socket, transport, protocol, gone, run } = connected();
    transport.pauseReading();
    transport.close();
    await nextTurn();
    assert.equal(socket.writableFinished, true);
    assert.equal(socket.isPaused(), false);
    assert.equal(transport.isIdle, true);
    transport.onData(Buffer.from("more"));
    socket.push(null);
    await nextTurn();
    assert.equal(protocol.receivedBytes, 0);
    assert.deepEqual(protocol.events, ["close"]);
    assert.equal(gone.length, 1);
    run(10_000);
  });

  test("RFC 9112 §9.6 lingers up to its time, without a reset", async () => {
    const { socket, transport, protocol, run } = connected();
    transport.close();
    await nextTurn();
    run(2_000 - TICK_MS);
    assert.equal(socket.destroyed, false);
    run(3 * TICK_MS);
    await nextTurn();
    assert.equal(socket.destroyed, true);
    assert.equal(socket.isReset, false);
    assert.deepEqual(protocol.events, ["close"]);
  });

  test("may be said twice", async () => {
    const { socket, transport } = connected();
    transport.close();
    transport.close();
    await nextTurn();
    assert.deepEqual(socket.writes, []);
  });

  test("forgets the protocol's deadline", async () => {
    const { clock, socket, transport, protocol, run } = connected();
    socket.takes = false;
    transport.send("x");
    transport.deadlineAt = clock.now() + 1_000;
    transport.close();
    run(5_000);
    assert.deepEqual(protocol.events, []);
    socket.takeBytes();
    await nextTurn();
    run(1_000);
    assert.equal(socket.destroyed, false);
  });
});

describe("an abort", () => {
  test("of a busy connection is a reset", async () => {
    const { socket, transport, protocol } = connected();
    protocol.isIdle = false;
    transport.abort();
    await nextTurn();
    assert.equal(socket.isReset, true);
    assert.deepEqual(protocol.events, ["close"]);
    transport.abort();
    transport.send("x");
    assert.deepEqual(socket.writes, []);
  });

  test("of an idle one is orderly", async () => {
    const { socket, transport } = connected();
    transport.abort();
    await nextTurn();
    assert.equal(socket.destroyed, true);
    assert.equal(socket.isReset, false);
  });

  test("tells the error that ended the connection", async () => {
    const { socket, protocol } = connected();
    const error = new Error("read ECONNRESET");
    socket.destroy(error);
    await nextTurn();
    assert.equal(protocol.error, error);
  });
});
