import assert from "node:assert/strict";
import type { ConnectionLimits } from "../../src/worker/http1/connection-context.ts";
import type { ParserLimits } from "../../src/worker/http1/parser-limits.ts";
import type { Delivery } from "../support/wire-cases.ts";
import { connect, settled } from "../worker/http1/test-connection.ts";
import { eachDelivery } from "./each-delivery.ts";
import { type Handled, KeepingHandler } from "./handled.ts";
import { rule } from "./rule.ts";
import type { RuleId } from "./rules.ts";

export interface AcceptOptions {
  readonly limits?: Partial<ConnectionLimits & ParserLimits>;
  /** The connection ends after it: what follows is not answered. */
  readonly closes?: boolean;
  readonly randomSplits?: number;
}

/**
 * A test that the bytes are one request, in whatever pieces they come, and
 * that what follows them is the next one.
 *
 * @param expected what the handler must have been given
 */
export function accepts(
  id: RuleId,
  title: string,
  wire: string,
  expected: Partial<Handled>,
  options: AcceptOptions = {},
): void {
  rule(id, title, () => {
    return eachDelivery(wire, options, (delivery) => {
      return checkAcceptance(delivery, expected, options);
    });
  });
}

async function checkAcceptance(
  { pieces, trailingBytes }: Delivery,
  expected: Partial<Handled>,
  { limits, closes = false }: AcceptOptions,
): Promise<void> {
  const handler = new KeepingHandler();
  const { client, observer } = connect(handler.handle, limits);
  for (const piece of pieces) client.receive(piece);
  await settled();
  const [request, ...others] = handler.requests;
  assert.ok(request, `nothing was handled: ${client.sent}`);
  for (const name of Object.keys(expected) as (keyof Handled)[]) {
    assert.deepEqual(request[name], expected[name], name);
  }
  const isNextAnswered = trailingBytes > 0 && !closes;
  assert.deepEqual(
    others.map(({ target, fields }) => [target, ...fields]),
    isNextAnswered ? [["/next", "Host: next"]] : [],
  );
  const responses = client.responses(request.method);
  assert.deepEqual(
    responses.map(({ status }) => status),
    isNextAnswered ? [200, 200] : [200],
  );
  assert.equal(responses[0]?.closes, closes);
  assert.equal(client.ending, closes ? "fin" : undefined);
  assert.deepEqual(client.lateSends, []);
  assert.ok(!observer.events.some((event) => event.startsWith("parse error")));
}
