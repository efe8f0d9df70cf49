import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TraceContext } from "../../../src/worker/http/trace-context.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";
const VALID = `00-${TRACE_ID}-${PARENT_ID}-01`;

describe("traceparent", () => {
  it("§3.2 has a trace, its caller's span and whether that is recorded", () => {
    const trace = TraceContext.parse(VALID);
    assert.equal(trace?.traceId, TRACE_ID);
    assert.equal(trace?.parentId, PARENT_ID);
    assert.equal(trace?.isSampled, true);
    assert.deepEqual(trace?.fields(), { traceparent: VALID });
  });

  it("§3.2.2.5 has no other flag that goes on", () => {
    const trace = TraceContext.parse(`00-${TRACE_ID}-${PARENT_ID}-fe`);
    assert.equal(trace?.isSampled, false);
    const traceparent = `00-${TRACE_ID}-${PARENT_ID}-00`;
    assert.deepEqual(trace?.fields(), { traceparent });
  });

  it("§3.2.2.2 may be of a later version, and goes on as of this one", () => {
    for (const more of ["", "-what-the-future-brings", "-"]) {
      const later = `cc-${TRACE_ID}-${PARENT_ID}-01${more}`;
      assert.equal(TraceContext.parse(later)?.fields().traceparent, VALID);
    }
  });

  const invalid: [what: string, value: string | undefined][] = [
    ["that was not sent", undefined],
    ["that is empty", ""],
    ["of version ff", `ff-${TRACE_ID}-${PARENT_ID}-01`],
    ["with more than version 00 has", `${VALID}-more`],
    ["with a tail that no dash begins", `cc-${TRACE_ID}-${PARENT_ID}-01.x`],
    ["in capitals", VALID.toUpperCase()],
    ["of a trace of zeros", `00-${"0".repeat(32)}-${PARENT_ID}-01`],
    ["of a parent of zeros", `00-${TRACE_ID}-${"0".repeat(16)}-01`],
    ["with a short trace", `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`],
    ["without flags", `00-${TRACE_ID}-${PARENT_ID}`],
    ["with a space", `${VALID} `],
    ["in two lines", `${VALID}, ${VALID}`],
  ];
  for (const [what, value] of invalid) {
    it(`§3.2.1 ${what} is none`, () => {
      assert.equal(TraceContext.parse(value, "a=1"), undefined);
    });
  }
});

describe("tracestate", () => {
  const stateOf = (text: string) => TraceContext.parse(VALID, text)?.state;
  const members = (count: number) => {
    return Array.from({ length: count }, (_, i) => `k${i}=v`).join(",");
  };

  const valid = [
    "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    "tenant@vendor=1",
    "1tenant@v=1",
    "a=1,, b=2\t,",
    "a_b-c*d/e=x y;z~!",
    "a= 1",
    members(32),
  ];
  for (const state of valid) {
    it(`§3.3.1 goes on as it came: ${state.slice(0, 40)}`, () => {
      assert.equal(stateOf(state), state);
      const fields = TraceContext.parse(VALID, state)?.fields();
      assert.deepEqual(fields, { traceparent: VALID, tracestate: state });
    });
  }

  const invalid = [
    "",
    " , ",
    "a",
    "=1",
    "a=",
    "A=1",
    "1a=1",
    "a=1=2",
    "a=1,a=2",
    "a=é",
    "a@b@c=1",
    `${"a".repeat(257)}=1`,
    `a=${"v".repeat(257)}`,
    members(33),
  ];
  for (const state of invalid) {
    it(`§3.3.1 that is not valid goes: ${JSON.stringify(state.slice(0, 40))}`, () => {
      const trace = TraceContext.parse(VALID, state);
      assert.equal(trace?.traceId, TRACE_ID);
      assert.equal(trace?.state, undefined);
    });
  }
});

describe("a trace that begins here", () => {
  it("is valid, random and not recorded", () => {
    const [one, other] = [TraceContext.create(), TraceContext.create()];
    assert.notEqual(one.traceId, other.traceId);
    assert.notEqual(one.parentId, other.parentId);
    const { traceparent } = one.fields();
    assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.deepEqual(TraceContext.parse(traceparent), one);
  });
});
