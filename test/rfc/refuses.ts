import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import type { ParserLimits } from "../../src/worker/http1/parser-limits.ts";
import type { ParseErrorReason } from "../../src/worker/http1/protocol-error.ts";
import type { DeliveryOptions } from "../support/wire-cases.ts";
import {
  connect,
  requestOf,
  settled,
  type TestConnection,
} from "../worker/http1/test-connection.ts";
import { eachDelivery } from "./each-delivery.ts";
import { KeepingHandler } from "./handled.ts";
import { rule } from "./rule.ts";
import { type RuleId, refusalOf } from "./rules.ts";

export interface RefusalOptions extends DeliveryOptions {
  /** Which of the rule's reasons it is counted as. Default: the only one. */
  readonly reason?: ParseErrorReason;
  readonly limits?: Partial<ParserLimits>;
  /** The head is fine, and what is wrong comes after it. */
  readonly isInBody?: boolean;
  /** The head is a request, which the connection refuses: it counts as one. */
  readonly isHandled?: boolean;
}

const IMF_FIXDATE =
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
/** With more pieces than that a turn for each would take too long. */
const MAX_TURNS = 500;
const HEAD = /^(?:\r\n)*HEAD /;
const HOUR_MS = 3_600_000;

/** A test that a rule refuses bytes, or each of several. */
export function refuses(
  id: RuleId,
  title: string,
  wires: string | readonly string[],
  options: RefusalOptions = {},
): void {
  rule(id, title, async () => {
    for (const wire of [wires].flat()) {
      await eachDelivery(wire, options, ({ pieces }) => {
        return checkRefusal(id, pieces, options);
      });
    }
  });
}

async function checkRefusal(
  id: RuleId,
  pieces: readonly Buffer[],
  options: RefusalOptions,
): Promise<void> {
  const handler = new KeepingHandler();
  const made = connect(handler.handle, options.limits);
  const isHandlerToRead = options.isInBody && pieces.length < MAX_TURNS;
  for (const piece of pieces) {
    made.client.receive(piece);
    if (isHandlerToRead) await settled();
  }
  await settled();
  assert.deepEqual(handler.requests, []);
  checkCount(id, made, options);
  checkAnswer(id, made, HEAD.test(Buffer.concat(pieces).toString("latin1")));
  await checkSilence(made);
}

/** One count, with the right reason, and one answer. */
function checkCount(
  id: RuleId,
  { observer }: TestConnection,
  { reason, isInBody = false, isHandled = isInBody }: RefusalOptions,
): void {
  const { status, reasons } = refusalOf(id);
  if (reason === undefined) assert.equal(reasons.length, 1, "which reason?");
  const counted = reason ?? (reasons[0] as ParseErrorReason);
  assert.ok(reasons.includes(counted), `${id} is not counted as ${counted}`);
  const count = `parse error ${counted}`;
  const asRequest = ["request", count, `response ${status}`];
  assert.deepEqual(observer.events, isHandled ? asRequest : [count]);
}

/** A whole answer that says what is needed, then FIN and no reset. */
function checkAnswer(
  id: RuleId,
  { client }: TestConnection,
  isHead: boolean,
): void {
  const { status } = refusalOf(id);
  const [response, ...rest] = client.responses(isHead ? "HEAD" : "GET");
  assert.ok(response, "no answer");
  assert.equal(response.status, status);
  assert.equal(response.reason, REASONS[status]);
  assert.deepEqual(rest, []);
  const { headers } = response;
  assert.match(headers.date ?? "", IMF_FIXDATE);
  assert.equal(headers.connection, "close");
  assert.equal(headers["content-type"], "application/problem+json");
  assert.equal(headers["transfer-encoding"], undefined);
  if (isHead) {
    assert.ok(Number(headers["content-length"]) > 0);
  } else {
    assert.equal(headers["content-length"], `${response.body.length}`);
    assert.equal(JSON.parse(response.body.toString()).status, status);
  }
  assert.equal(client.ending, "fin");
}

/** Names that RFC 9110 has changed since Node's list was made. */
const REASONS: Readonly<Record<number, string | undefined>> = {
  ...STATUS_CODES,
  413: "Content Too Large",
};

/** Whatever comes after it, and however late: nothing is read or said. */
async function checkSilence({
  client,
  observer,
}: TestConnection): Promise<void> {
  const sent = client.sent;
  const events = [...observer.events];
  client.receive(requestOf("GET /late"));
  client.advance(HOUR_MS);
  client.receiveEnd();
  await settled();
  assert.equal(client.sent, sent);
  assert.deepEqual(client.lateSends, []);
  assert.deepEqual(observer.events, events);
}
