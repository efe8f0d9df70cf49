import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  Dispatcher,
  type Recipient,
} from "../../../src/master/sockets/dispatcher.ts";
import { DescriptorReserve } from "../../../src/shared/descriptor-reserve.ts";
import type {
  BegunConnection,
  MasterMessage,
  RawHandle,
} from "../../../src/shared/ipc-messages.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const MAX_WAITING = 3;
const NONE = {
  queue_full: 0,
  stopped: 0,
  accept_failed: 0,
  descriptors: 0,
  worker_refused: 0,
};

function countsOf({ counters, waitingCount: waiting }: Dispatcher) {
  const { numbers, labelled } = counters.totals();
  const { acceptedConnections: accepted = 0, redispatched = 0 } = numbers;
  const dropped = { ...NONE, ...labelled.connectionsDropped };
  return { accepted, redispatched, dropped, waiting };
}

class FakeHandle {
  readonly name: string;
  readonly fd: number;
  closes = 0;

  constructor(name: string, fd = 20) {
    this.name = name;
    this.fd = fd;
  }

  close(): void {
    this.closes++;
  }
}

class FakeWorker implements Recipient {
  readonly id: number;
  /** Names of the connections sent to it, oldest first. */
  readonly given: string[] = [];
  /** Indexes of their listeners. */
  readonly listeners: number[] = [];
  /** What others have read from them. */
  readonly begun: BegunConnection[] = [];
  readonly #unanswered: { readonly id: number; readonly isLate: boolean }[] =
    [];
  #open = 0;

  constructor(id: number) {
    this.id = id;
  }

  send(message: MasterMessage, handle: RawHandle): void {
    assert.equal(message.type, "connection");
    assert.ok(handle instanceof FakeHandle);
    this.given.push(handle.name);
    this.listeners.push(message.listener);
    if (message.begun) this.begun.push(message.begun);
    this.#unanswered.push(message);
  }

  /** Acknowledges the oldest connection, if there is one. */
  acknowledge(dispatcher: Dispatcher): void {
    const connection = this.#unanswered.shift();
    if (!connection) return;
    const { id, isLate } = connection;
    this.#open++;
    dispatcher.onArrived(this, id);
    if (isLate) dispatcher.onAccepted(this, id);
  }

  /** Has no descriptor for the oldest connection. */
  runOut(dispatcher: Dispatcher): void {
    const connection = this.#unanswered.shift();
    if (connection) dispatcher.onRefused(this, connection.id);
  }

  /** Has exited when the oldest connection arrives. */
  refuse(dispatcher: Dispatcher): void {
    const connection = this.#unanswered.shift();
    if (connection) dispatcher.onArrived(this, connection.id);
  }

  /** Closes connections, and reports the number of those that are open. */
  finish(dispatcher: Dispatcher, count: number): void {
    this.#open = Math.max(0, this.#open - count);
    dispatcher.onOpenConnections(this, this.#open);
  }
}

function dispatcherWith(...ids: number[]) {
  const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING });
  const workers = ids.map((id) => new FakeWorker(id));
  for (const worker of workers) dispatcher.join(worker);
  return { dispatcher, workers };
}

/** Clients "a", "b", … connect. */
function offer(
  dispatcher: Dispatcher,
  names: string,
  listener = 0,
): FakeHandle[] {
  return [...names].map((name) => {
    const handle = new FakeHandle(name);
    dispatcher.offer(handle, listener);
    return handle;
  });
}

function givenTo(workers: readonly FakeWorker[]): string[] {
  return workers.map(({ given }) => given.join(""));
}

function closesOf(handles: readonly FakeHandle[]): number[] {
  return handles.map(({ closes }) => closes);
}

describe("a connection", () => {
  it("goes to workers in turn while all have as many", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2, 3);
    offer(dispatcher, "abcdef");
    assert.deepEqual(givenTo(workers), ["ad", "be", "cf"]);
  });

  it("takes turns also where each is gone before the next comes", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2, 3);
    for (const name of "abcdef") {
      offer(dispatcher, name);
      for (const worker of workers) {
        worker.acknowledge(dispatcher);
        worker.finish(dispatcher, 1);
      }
    }
    assert.deepEqual(givenTo(workers), ["ad", "be", "cf"]);
  });

  it("takes turns in whatever order the workers got ready", () => {
    const { dispatcher, workers } = dispatcherWith(3, 1, 4, 2);
    for (const name of "abcdefgh") {
      offer(dispatcher, name);
      for (const worker of workers) {
        worker.acknowledge(dispatcher);
        worker.finish(dispatcher, 1);
      }
    }
    assert.deepEqual(givenTo(workers), ["ae", "bf", "cg", "dh"]);
  });

  it("goes to the worker that has the fewest", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one, two] = workers;
    assert.ok(one && two);
    offer(dispatcher, "abcd");
    for (const worker of [one, one, two, two]) worker.acknowledge(dispatcher);
    two.finish(dispatcher, 2);
    offer(dispatcher, "ef");
    assert.deepEqual(givenTo(workers), ["ac", "bdef"]);
  });

  it("counts alike, by whichever listener it came, and says by which", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    offer(dispatcher, "a", 1);
    offer(dispatcher, "b", 0);
    offer(dispatcher, "c", 1);
    assert.deepEqual(givenTo(workers), ["ac", "b"]);
    assert.deepEqual(
      workers.map(({ listeners }) => listeners),
      [[1, 1], [0]],
    );
  });

  it("counts for its worker before that has acknowledged it", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one, two] = workers;
    assert.ok(one && two);
    dispatcher.onOpenConnections(two, 2);
    offer(dispatcher, "abc");
    assert.deepEqual(givenTo(workers), ["ab", "c"]);
  });

  it("goes past a worker that lets one wait, until it has taken it", () => {
    const clock = new FakeClock(0);
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, clock });
    const workers = [new FakeWorker(1), new FakeWorker(2)] as const;
    const [hanging, other] = workers;
    for (const worker of workers) dispatcher.join(worker);
    offer(dispatcher, "ab");
    other.acknowledge(dispatcher);
    clock.advance(249);
    offer(dispatcher, "c");
    assert.deepEqual(givenTo(workers), ["ac", "b"]);
    clock.advance(1);
    offer(dispatcher, "defg");
    assert.deepEqual(givenTo(workers), ["ac", "bdefg"]);
    hanging.acknowledge(dispatcher);
    offer(dispatcher, "h");
    assert.deepEqual(givenTo(workers), ["ach", "bdefg"]);
  });

  it("goes to one that lets others wait where all do", () => {
    const clock = new FakeClock(0);
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, clock });
    const workers = [new FakeWorker(1), new FakeWorker(2)];
    for (const worker of workers) dispatcher.join(worker);
    offer(dispatcher, "ab");
    clock.advance(1_000);
    offer(dispatcher, "cd");
    assert.deepEqual(givenTo(workers), ["ac", "bd"]);
  });

  it("closes the master's copy once it is acknowledged", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const handles = offer(dispatcher, "ab");
    workers[0]?.acknowledge(dispatcher);
    assert.deepEqual(closesOf(handles), [1, 0]);
  });

  it("is not closed twice by an acknowledgement that comes twice", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const handles = offer(dispatcher, "a");
    const [worker] = workers;
    assert.ok(worker);
    dispatcher.onArrived(worker, 1);
    dispatcher.onArrived(worker, 1);
    dispatcher.onArrived(worker, 77);
    assert.deepEqual(closesOf(handles), [1]);
  });
});

describe("a fresh worker, in slow start", () => {
  const SLOW_START_MS = 10_000;

  /** Workers that are warm, and one that has just become ready. */
  function withFresh({ warm }: { warm: number }) {
    const clock = new FakeClock(0);
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, clock });
    const join = (id: number) => {
      const worker = new FakeWorker(id);
      dispatcher.join(worker, SLOW_START_MS);
      return worker;
    };
    const old = Array.from({ length: warm }, (_, index) => join(index + 1));
    clock.advance(SLOW_START_MS);
    return { clock, dispatcher, old, fresh: join(99), join };
  }

  /** Offers and acknowledges connections; returns the number of each worker. */
  function shares(
    dispatcher: Dispatcher,
    workers: readonly FakeWorker[],
    count: number,
  ): number[] {
    for (let offered = 0; offered < count; offered++) {
      offer(dispatcher, "x");
      for (const worker of workers) worker.acknowledge(dispatcher);
    }
    return workers.map(({ given }) => given.length);
  }

  it("gets a tenth of what a warm one gets at first", () => {
    const { dispatcher, old, fresh } = withFresh({ warm: 2 });
    assert.deepEqual(shares(dispatcher, [...old, fresh], 210), [100, 100, 10]);
  });

  it("gets more as time passes, and then as many as others", () => {
    const { clock, dispatcher, old, fresh } = withFresh({ warm: 1 });
    const workers = [...old, fresh];
    clock.advance(SLOW_START_MS / 2);
    assert.deepEqual(shares(dispatcher, workers, 30), [20, 10]);
    clock.advance(SLOW_START_MS / 2);
    assert.deepEqual(shares(dispatcher, workers, 70), [50, 50]);
  });

  it("gets all of them where no other one is ready", () => {
    const { dispatcher, old, fresh } = withFresh({ warm: 1 });
    for (const worker of old) dispatcher.leave(worker);
    assert.deepEqual(shares(dispatcher, [fresh], 50), [50]);
  });

  it("gets as many as other fresh ones where none is warm", () => {
    const { clock, dispatcher, old, fresh, join } = withFresh({ warm: 1 });
    for (const worker of old) dispatcher.leave(worker);
    clock.advance(SLOW_START_MS / 2);
    const fresher = join(100);
    assert.deepEqual(shares(dispatcher, [fresh, fresher], 50), [25, 25]);
  });

  it("takes the share of a warm one that hangs", () => {
    const { clock, dispatcher, old, fresh } = withFresh({ warm: 1 });
    offer(dispatcher, "a");
    clock.advance(1_000);
    assert.deepEqual(shares(dispatcher, [fresh], 50), [50]);
    assert.deepEqual(givenTo(old), ["a"]);
  });

  it("is not held back where it is off", () => {
    const clock = new FakeClock(0);
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, clock });
    const workers = [new FakeWorker(1), new FakeWorker(2)] as const;
    dispatcher.join(workers[0], 0);
    clock.advance(SLOW_START_MS);
    dispatcher.join(workers[1], 0);
    assert.deepEqual(shares(dispatcher, workers, 50), [25, 25]);
  });
});

describe("the death of a worker", () => {
  it("gives what it had not acknowledged to others, and counts that", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one] = workers;
    assert.ok(one);
    const handles = offer(dispatcher, "abcd");
    one.acknowledge(dispatcher);
    dispatcher.onGone(one);
    assert.deepEqual(givenTo(workers), ["ac", "bdc"]);
    assert.equal(countsOf(dispatcher).redispatched, 1);
    assert.equal(countsOf(dispatcher).accepted, 4);
    assert.deepEqual(closesOf(handles), [1, 0, 0, 0]);
  });

  it("gives out again by which listener each came", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [dying, other] = workers as [FakeWorker, FakeWorker];
    offer(dispatcher, "a", 3);
    dispatcher.onGone(dying);
    assert.deepEqual(other.listeners, [3]);
  });

  it("gives them out again only once", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one] = workers;
    assert.ok(one);
    offer(dispatcher, "ab");
    dispatcher.onGone(one);
    dispatcher.onGone(one);
    one.acknowledge(dispatcher);
    assert.deepEqual(givenTo(workers), ["a", "ba"]);
    assert.equal(countsOf(dispatcher).redispatched, 1);
  });

  it("keeps them waiting where no other worker is ready", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const [one] = workers;
    assert.ok(one);
    const handles = offer(dispatcher, "ab");
    dispatcher.onGone(one);
    assert.equal(countsOf(dispatcher).waiting, 2);
    const next = new FakeWorker(2);
    dispatcher.join(next);
    assert.deepEqual(givenTo([next]), ["ab"]);
    assert.deepEqual(closesOf(handles), [0, 0]);
  });
});

describe("while no worker is ready", () => {
  it("connections wait, and the first worker gets them in order", () => {
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING });
    offer(dispatcher, "abc");
    assert.equal(countsOf(dispatcher).waiting, 3);
    const worker = new FakeWorker(1);
    dispatcher.join(worker);
    assert.deepEqual(givenTo([worker]), ["abc"]);
    assert.equal(countsOf(dispatcher).waiting, 0);
  });

  it("those over the bound are dropped and closed", () => {
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING });
    const handles = offer(dispatcher, "abcde");
    assert.deepEqual(closesOf(handles), [0, 0, 0, 1, 1]);
    const { accepted, dropped, waiting } = countsOf(dispatcher);
    assert.deepEqual({ accepted, waiting }, { accepted: 5, waiting: 3 });
    assert.deepEqual(dropped, { ...NONE, queue_full: 2 });
  });
});

describe("a worker that leaves", () => {
  it("is given nothing more", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one] = workers;
    assert.ok(one);
    offer(dispatcher, "a");
    dispatcher.leave(one);
    offer(dispatcher, "bcd");
    assert.deepEqual(givenTo(workers), ["a", "bcd"]);
  });

  it("may still acknowledge what is on its way to it", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const [one] = workers;
    assert.ok(one);
    const handles = offer(dispatcher, "a");
    dispatcher.leave(one);
    one.acknowledge(dispatcher);
    dispatcher.onGone(one);
    assert.deepEqual(closesOf(handles), [1]);
    assert.equal(countsOf(dispatcher).redispatched, 0);
  });

  it("and never joined is no trouble", () => {
    const { dispatcher } = dispatcherWith(1);
    const stranger = new FakeWorker(9);
    dispatcher.leave(stranger);
    dispatcher.onOpenConnections(stranger, 5);
    dispatcher.onGone(stranger);
    assert.equal(countsOf(dispatcher).redispatched, 0);
  });
});

describe("a worker without descriptors", () => {
  it("loses what it was sent to another one, which is preferred for a while", () => {
    const clock = new FakeClock();
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, clock });
    const [one, two] = [new FakeWorker(1), new FakeWorker(2)];
    for (const worker of [one, two]) dispatcher.join(worker);
    const handles = offer(dispatcher, "a");
    one.runOut(dispatcher);
    offer(dispatcher, "bc");
    assert.deepEqual(givenTo([one, two]), ["a", "abc"]);
    for (const _each of "abc") two.acknowledge(dispatcher);
    assert.deepEqual(closesOf(handles), [1]);
    assert.equal(countsOf(dispatcher).redispatched, 1);
    assert.deepEqual(countsOf(dispatcher).dropped, NONE);

    clock.advance(1_000);
    offer(dispatcher, "d");
    assert.deepEqual(givenTo([one, two]), ["ad", "abc"]);
  });

  it("costs the connection where the others have none either", () => {
    const reasons: string[] = [];
    const dispatcher = new Dispatcher({
      maxWaiting: MAX_WAITING,
      dropLog: { onDropped: (reason) => reasons.push(reason) },
    });
    const [one, two] = [new FakeWorker(1), new FakeWorker(2)];
    for (const worker of [one, two]) dispatcher.join(worker);
    const handles = offer(dispatcher, "a");
    one.runOut(dispatcher);
    two.runOut(dispatcher);
    assert.deepEqual(closesOf(handles), [1]);
    assert.deepEqual(reasons, ["worker_refused"]);
    assert.deepEqual(countsOf(dispatcher).dropped, {
      ...NONE,
      worker_refused: 1,
    });

    // The next connection shows whether the workers have descriptors again.
    offer(dispatcher, "b");
    assert.deepEqual(givenTo([one, two]), ["ab", "a"]);
    dispatcher.onGone(one);
    assert.deepEqual(givenTo([two]), ["ab"]);
  });

  it("costs nothing where another master takes the connection", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const [one] = workers;
    assert.ok(one);
    offer(dispatcher, "a");
    dispatcher.leave(one);
    let taken = 0;
    dispatcher.close(() => ++taken > 0);
    one.runOut(dispatcher);
    assert.equal(taken, 1);
    assert.deepEqual(countsOf(dispatcher).dropped, NONE);
  });
});

describe("a dispatcher with bounds", () => {
  it("closes at once what would take a descriptor of the reserve", () => {
    const reserve = new DescriptorReserve(100);
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, reserve });
    const worker = new FakeWorker(1);
    dispatcher.join(worker);
    const handles = [49, 50, 99].map((fd) => new FakeHandle("a", fd));
    for (const handle of handles) dispatcher.offer(handle, 0);
    dispatcher.adopt(new FakeHandle("b", 50), 0);
    assert.deepEqual(closesOf(handles), [0, 1, 1]);
    assert.deepEqual(givenTo([worker]), ["a"]);
    const { accepted, dropped } = countsOf(dispatcher);
    assert.equal(accepted, 3);
    assert.deepEqual(dropped, { ...NONE, descriptors: 3 });
  });

  it("holds no more unacknowledged connections than it may", () => {
    const dispatcher = new Dispatcher({
      maxWaiting: MAX_WAITING,
      maxUnacknowledged: 3,
    });
    const [one, two] = [new FakeWorker(1), new FakeWorker(2)];
    for (const worker of [one, two]) dispatcher.join(worker);
    const handles = offer(dispatcher, "abcd");
    assert.deepEqual(closesOf(handles), [0, 0, 0, 1]);
    assert.deepEqual(countsOf(dispatcher).dropped, { ...NONE, queue_full: 1 });
    one.acknowledge(dispatcher);
    two.runOut(dispatcher);
    offer(dispatcher, "e");
    dispatcher.onGone(two);
    offer(dispatcher, "f");
    assert.equal(countsOf(dispatcher).dropped.queue_full, 2);
    for (const _each of "abcdef") one.acknowledge(dispatcher);
    offer(dispatcher, "ghi");
    assert.equal(countsOf(dispatcher).dropped.queue_full, 2);
  });
});

describe("a dispatcher that closes", () => {
  it("drops what waits, and all that comes then", () => {
    const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING });
    const handles = offer(dispatcher, "ab");
    dispatcher.close();
    handles.push(...offer(dispatcher, "c"));
    dispatcher.close();
    assert.deepEqual(closesOf(handles), [1, 1, 1]);
    assert.deepEqual(countsOf(dispatcher).dropped, { ...NONE, stopped: 3 });
    assert.equal(countsOf(dispatcher).waiting, 0);
  });

  it("gives away what waits, and what a dying worker had not taken", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const [one] = workers;
    assert.ok(one);
    const handles = offer(dispatcher, "a");
    dispatcher.leave(one);
    handles.push(...offer(dispatcher, "b"));
    const given: unknown[] = [];
    dispatcher.close((handle) => given.push(handle) > 0);
    dispatcher.onGone(one);
    assert.deepEqual(given, handles.toReversed());
    assert.deepEqual(closesOf(handles), [0, 0]);
    assert.equal(countsOf(dispatcher).dropped.stopped, 0);
  });

  it("gives what a dying worker had to one that still drains", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one, other] = workers;
    assert.ok(one && other);
    const handles = offer(dispatcher, "a");
    for (const worker of workers) dispatcher.leave(worker);
    dispatcher.close();
    dispatcher.onGone(one);
    assert.deepEqual(givenTo(workers), ["a", "a"]);
    other.acknowledge(dispatcher);
    assert.deepEqual(closesOf(handles), [1]);
    assert.equal(countsOf(dispatcher).dropped.stopped, 0);
  });

  it("gives on what came to one that drains when it was leaving", () => {
    const { dispatcher, workers } = dispatcherWith(1, 2);
    const [one, other] = workers;
    assert.ok(one && other);
    for (const worker of workers) dispatcher.leave(worker);
    const handles = offer(dispatcher, "a");
    dispatcher.close();
    one.refuse(dispatcher);
    assert.deepEqual(closesOf(handles), [0]);
    dispatcher.onGone(one);
    assert.deepEqual(givenTo(workers), ["a", "a"]);
  });

  it("drops what a dying worker had not acknowledged", () => {
    const { dispatcher, workers } = dispatcherWith(1);
    const [one] = workers;
    assert.ok(one);
    const handles = offer(dispatcher, "a");
    dispatcher.close();
    dispatcher.leave(one);
    dispatcher.onGone(one);
    assert.deepEqual(closesOf(handles), [1]);
    assert.equal(countsOf(dispatcher).dropped.stopped, 1);
  });
});

describe("whatever workers do", () => {
  it("every handle is closed exactly once, and none waits while one is ready", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seededRandom(seed);
      const pick = (count: number) => Math.floor(random() * count);
      const clock = new FakeClock();
      const dispatcher = new Dispatcher({ maxWaiting: MAX_WAITING, clock });
      const handles: FakeHandle[] = [];
      const workers: FakeWorker[] = [];
      const open = new Set<FakeWorker>();
      let lastId = 0;
      const acts = [
        () => handles.push(...offer(dispatcher, "x")),
        () => handles.push(...offer(dispatcher, "xxx")),
        () => workers[pick(workers.length)]?.acknowledge(dispatcher),
        () => workers[pick(workers.length)]?.finish(dispatcher, 1),
        () => {
          const worker = new FakeWorker(++lastId);
          workers.push(worker);
          open.add(worker);
          dispatcher.join(worker, pick(2) * pick(2_000));
        },
        () => clock.advance(pick(1_000)),
        () => {
          const worker = workers[pick(workers.length)];
          if (!worker) return;
          open.delete(worker);
          dispatcher.leave(worker);
        },
        () => {
          const [worker] = workers.splice(pick(workers.length), 1);
          if (worker) dispatcher.onGone(worker);
        },
      ];
      for (let count = 0; count < 200; count++) {
        acts[pick(acts.length)]?.();
        const isOneOpen = workers.some((worker) => open.has(worker));
        assert.ok(!isOneOpen || countsOf(dispatcher).waiting === 0);
      }
      assert.ok(Math.max(0, ...closesOf(handles)) <= 1, `seed ${seed}`);
      dispatcher.close();
      for (const worker of workers) dispatcher.leave(worker);
      for (const worker of workers) dispatcher.onGone(worker);
      const once = handles.map(() => 1);
      assert.deepEqual(closesOf(handles), once, `seed ${seed}`);
      assert.equal(countsOf(dispatcher).accepted, handles.length);
    }
  });
});

describe("a connection from which a worker has read", () => {
  const BEGUN = { session: "s", mayOwn: true, bytes: "R0VU" };

  function withOwners(...ids: number[]) {
    const owners: [session: string, workerId: number][] = [];
    const dispatcher = new Dispatcher({
      maxWaiting: MAX_WAITING,
      onSessionGiven: (session, id) => owners.push([session, id]),
    });
    const workers = ids.map((id) => new FakeWorker(id));
    for (const worker of workers) dispatcher.join(worker);
    return { dispatcher, workers, owners };
  }

  it("goes to the worker that is wanted, also one that drains", () => {
    const { dispatcher, workers, owners } = withOwners(1, 2);
    const [, second] = workers as [FakeWorker, FakeWorker];
    dispatcher.leave(second);
    dispatcher.handOver(new FakeHandle("a"), 0, BEGUN, [2, 1]);
    assert.deepEqual(givenTo(workers), ["", "a"]);
    assert.deepEqual(owners, [["s", 2]]);
  });

  it("goes to the next one if that is gone or does not serve it", () => {
    const { dispatcher, workers } = withOwners(1, 2);
    dispatcher.handOver(new FakeHandle("a"), 0, BEGUN, [9, 2]);
    const third = new FakeWorker(3);
    dispatcher.join(third, 0, new Set([1]));
    dispatcher.handOver(new FakeHandle("b"), 0, BEGUN, [3, 2]);
    assert.deepEqual(givenTo([...workers, third]), ["", "ab", ""]);
  });

  it("goes to another one if that dies, with what was read", () => {
    const { dispatcher, workers, owners } = withOwners(1, 2);
    const [first, second] = workers as [FakeWorker, FakeWorker];
    dispatcher.handOver(new FakeHandle("a"), 0, BEGUN, [1]);
    dispatcher.onGone(first);
    assert.deepEqual(givenTo(workers), ["a", "a"]);
    assert.deepEqual(second.begun, [BEGUN]);
    assert.deepEqual(owners.at(-1), ["s", 2]);
  });

  it("never goes to another master, which would wait for its bytes", () => {
    const { dispatcher, workers } = withOwners(1, 2);
    const [first] = workers as [FakeWorker, FakeWorker];
    for (const worker of workers) dispatcher.leave(worker);
    dispatcher.close(() => assert.fail("passed on"));
    dispatcher.handOver(new FakeHandle("a"), 0, BEGUN, [1]);
    dispatcher.onGone(first);
    assert.deepEqual(givenTo(workers), ["a", "a"]);
  });

  it("leaves a session of nobody to nobody if it is that of a cookie", () => {
    const { dispatcher, owners } = withOwners(1);
    const begun = { ...BEGUN, mayOwn: false };
    dispatcher.handOver(new FakeHandle("a"), 0, begun, [1]);
    assert.deepEqual(owners, []);
  });
});
