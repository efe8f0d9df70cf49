import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CONNECTION_PHASES,
  ConnectionPhase,
} from "../../../src/worker/http1/connection-phase.ts";
import {
  EXCHANGE_PHASES,
  ExchangePhase,
} from "../../../src/worker/http1/exchange-phase.ts";
import {
  movePhase,
  type PhaseTable,
} from "../../../src/worker/http1/phase-table.ts";

function phasesAfter<Phase extends number>(
  table: PhaseTable<Phase>,
  phases: Readonly<Record<string, Phase>>,
  from: Phase,
): Phase[] {
  return Object.values(phases).filter((to) => {
    try {
      return movePhase(table, from, to) === to;
    } catch {
      return false;
    }
  });
}

describe("the phases of a connection", () => {
  const { Idle, Head, Exchange, Closed } = ConnectionPhase;
  const after = (from: ConnectionPhase) => {
    return phasesAfter(CONNECTION_PHASES, ConnectionPhase, from);
  };

  test("end with closed, and nothing follows it", () => {
    assert.deepEqual(after(Closed), []);
    for (const phase of [Idle, Head, Exchange]) {
      assert.ok(after(phase).includes(Closed), String(phase));
    }
  });

  test("let requests follow each other, one at a time", () => {
    assert.deepEqual(after(Idle), [Head, Exchange, Closed]);
    assert.deepEqual(after(Head), [Exchange, Closed]);
    assert.deepEqual(after(Exchange), [Idle, Closed]);
  });

  test("refuse other transitions", () => {
    assert.throws(() => movePhase(CONNECTION_PHASES, Head, Idle), {
      message: 'no transition from "head" to "idle"',
    });
  });
});

describe("the phases of an exchange", () => {
  const { Handling, Streaming, Receiving, Draining, Upgraded, Over } =
    ExchangePhase;
  const after = (from: ExchangePhase) => {
    return phasesAfter(EXCHANGE_PHASES, ExchangePhase, from);
  };

  test("end with over, and nothing follows it", () => {
    assert.deepEqual(after(Over), []);
    for (const phase of [Handling, Streaming, Receiving, Draining, Upgraded]) {
      assert.ok(after(phase).includes(Over), String(phase));
    }
  });

  test("let one response follow the request", () => {
    assert.deepEqual(after(Streaming), [Receiving, Draining, Over]);
    assert.deepEqual(after(Receiving), [Draining, Over]);
    assert.deepEqual(after(Draining), [Over]);
  });

  test("never let an upgraded connection speak HTTP again", () => {
    assert.deepEqual(after(Upgraded), [Over]);
  });

  test("have names in errors", () => {
    assert.throws(() => movePhase(EXCHANGE_PHASES, Over, Streaming), {
      message: 'no transition from "over" to "streaming"',
    });
  });
});
