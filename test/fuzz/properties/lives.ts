import assert from "node:assert/strict";
import fc from "fast-check";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import {
  openConnection,
  settled,
  type TestConnection,
} from "../../support/open-connection.ts";
import { readReference } from "../../support/reference-reader.ts";
import { expectedRequests, inOrder } from "../expected-requests.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import {
  anyWire,
  type LimitsName,
  limitsName,
  limitsOf,
} from "../inputs/wire.ts";
import { answerAs, type Manner, mannerNames } from "../manners.ts";
import { type SeenRequest, seen } from "../play.ts";
import { responsesIn } from "../responses-in.ts";

const TIGHT_LIMITS = { maxUnreadBodyBytes: 20, maxRequestsPerConnection: 3 };

type Step =
  | { readonly type: "receive"; readonly bytes: number }
  | { readonly type: "time"; readonly ms: number }
  | { readonly type: "shutdown"; readonly lingerMs: number }
  /** "closing": the server is about to stop. */
  | { readonly type: "settle" | "go" | "closing" | "fill" | "drain" }
  | { readonly type: "fin" | "leave" };

interface Life {
  readonly wire: string;
  readonly limits: LimitsName;
  /** Manner of the handler for each request; the last one repeats. */
  readonly manners: readonly Manner[];
  readonly steps: readonly Step[];
}

const often = fc.constantFrom<Step>(
  { type: "settle" },
  { type: "settle" },
  { type: "go" },
);
const seldom = fc.oneof(
  fc.record({
    type: fc.constant("time" as const),
    ms: fc.constantFrom(1, 900, 11_000, 31_000, 61_000, 80_000),
  }),
  fc.record({
    type: fc.constant("shutdown" as const),
    lingerMs: fc.constantFrom(0, 5_000),
  }),
  fc.constantFrom<Step>(
    { type: "closing" },
    { type: "fill" },
    { type: "drain" },
    { type: "drain" },
    { type: "fin" },
    { type: "leave" },
  ),
);
const receive = fc.record({
  type: fc.constant("receive" as const),
  bytes: fc.oneof(fc.nat(30), fc.nat(300), fc.constantFrom(66_000, 100_000)),
});

export const lives = fuzzProperty<Life>({
  name: "lives",
  sentence: "whatever happens when, a connection answers in order and ends",
  inputs: fc.record({
    wire: anyWire,
    limits: limitsName,
    manners: fc.array(fc.constantFrom(...mannerNames), {
      minLength: 1,
      maxLength: 4,
    }),
    steps: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: receive },
        { weight: 3, arbitrary: often },
        { weight: 2, arbitrary: seldom },
      ),
      { maxLength: 20, size: "max" },
    ),
  }),
  check: async (input) => {
    const life = new Living(input);
    for (const step of input.steps) {
      const taken = life.take(step);
      // Only "settle" is awaited; other steps are followed at once.
      if (step.type === "settle") await taken;
    }
    await life.end();
    life.check();
  },
});

class Living {
  readonly #input: Life;
  readonly #made: TestConnection;
  readonly #requests: SeenRequest[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Bytes received after an upgrade, as Latin-1. */
  #upgraded = "";
  #receivedBytes = 0;
  #isFull = false;
  #hasFinished = false;
  #hasLeft = false;

  constructor(input: Life) {
    this.#input = input;
    const handler = (request: HttpRequest) => this.#handle(request);
    const limits = limitsOf(input.limits);
    const isTight = input.limits === "tight";
    const more = isTight ? { ...limits, ...TIGHT_LIMITS } : limits;
    this.#made = openConnection(handler, more);
  }

  async take(step: Step): Promise<void> {
    const { client } = this.#made;
    switch (step.type) {
      case "receive":
        return this.#receive(step.bytes);
      case "time":
        return client.advance(step.ms);
      case "shutdown":
        return client.protocol.onShutdown(step.lingerMs);
      case "closing":
        this.#made.readiness.isClosing = true;
        return;
      case "go":
        return this.#waiting.shift()?.();
      case "fill":
        this.#isFull = true;
        return client.fillUp();
      case "drain":
        return client.drain();
      case "fin":
        this.#hasFinished = true;
        return client.receiveEnd();
      case "leave":
        this.#hasLeft = true;
        return client.leave();
      case "settle":
        return settled();
      default:
        step satisfies never;
    }
  }

  /** Lets all pending events happen, and then the client leaves. */
  async end(): Promise<void> {
    const { client, observer } = this.#made;
    await this.#untilQuiet();
    this.#checkAllAnswered();
    for (let round = 0; round < 20 && !this.#isOver; round++) {
      client.advance(100_000);
      await this.#untilQuiet();
    }
    assert.ok(this.#isOver, "the connection has not ended");
    client.leave();
    await settled();
    assert.equal(observer.openRequests, 0, "requests without an end");
  }

  async #untilQuiet(): Promise<void> {
    if (this.#isFull) this.#made.client.drain();
    this.#isFull = false;
    await settled();
    while (this.#waiting.length > 0) {
      this.#waiting.shift()?.();
      await settled();
    }
  }

  /**
   * Checks that every request that waits for nothing is answered or refused.
   */
  #checkAllAnswered(): void {
    const { manners, limits } = this.#input;
    const isSlow = manners.includes("isAborted"); // needs the clock to advance
    if (isSlow || this.#isOver) return;
    const { requests } = readReference(this.#received, limitsOf(limits));
    assert.ok(this.#made.observer.exchanges.length >= requests.length);
  }

  check(): void {
    const { events } = this.#made.observer;
    const errors = events.filter((event) => /^parse/.test(event));
    assert.ok(errors.length <= 1, errors.join(", "));
    this.#checkRequests();
    this.#checkResponses();
    if (!this.#made.client.handedOver) return;
    assert.ok(this.#requests.at(-1)?.upgrades.length, "nobody asked for it");
    assert.ok(this.#received.endsWith(this.#upgraded), "bytes of others");
  }

  get #received(): string {
    return this.#input.wire.slice(0, this.#receivedBytes);
  }

  #receive(bytes: number): void {
    const { wire } = this.#input;
    const from = this.#receivedBytes;
    if (this.#hasFinished || from === wire.length) return;
    this.#receivedBytes = Math.min(wire.length, from + bytes);
    this.#made.client.receive(wire.slice(from, this.#receivedBytes));
  }

  get #isOver(): boolean {
    const { client } = this.#made;
    return Boolean(client.ending || client.handedOver || this.#hasLeft);
  }

  #handle(request: HttpRequest) {
    const index = this.#requests.length;
    const { manners } = this.#input;
    const manner = manners[index] ?? (manners.at(-1) as Manner);
    const own = seen(request);
    this.#requests.push(own);
    return answerAs(manner, {
      request,
      index,
      untilGo: () => new Promise((resolve) => this.#waiting.push(resolve)),
      onBody: (body) => {
        own.body = body;
        own.trailers = [...(request.body.trailers ?? [])];
      },
      onUpgraded: (bytes) => {
        this.#upgraded += bytes.toString("latin1");
      },
    });
  }

  #checkRequests(): void {
    const { wire, limits } = this.#input;
    const reading = readReference(wire, limitsOf(limits));
    const expected = expectedRequests(reading);
    assert.ok(this.#requests.length <= expected.length, "too many requests");
    for (const [index, request] of this.#requests.entries()) {
      const { body, trailers, ...head } = expected[index] as SeenRequest;
      const isRead = request.body !== undefined;
      const whole = isRead ? { ...head, body, trailers } : head;
      assert.deepEqual(inOrder(request), whole);
    }
  }

  #checkResponses(): void {
    const { client, observer } = this.#made;
    const methods = this.#requests.map(({ method }) => method);
    for (const [index, { request }] of observer.exchanges.entries()) {
      methods[index] = request.method;
    }
    const { responses, isPartial } = responsesIn(client.sent, methods);
    const mayBePartial = this.#hasLeft || client.ending === "reset";
    assert.ok(mayBePartial || !isPartial, "half a response");
    for (const [index, { headers, status }] of responses.entries()) {
      const own = headers["x-index"] ?? String(index);
      assert.equal(own, String(index), "an answer out of order");
      const isLast = index === responses.length - 1;
      assert.ok(isLast || status !== 400, "an answer after a refusal");
    }
  }
}
