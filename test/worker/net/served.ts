import { afterEach } from "node:test";
import type { ProtocolFactory } from "../../../src/worker/net/protocol.ts";
import {
  openListener,
  type Served,
  type ServeOptions,
} from "../../support/open-listener.ts";

export type { Served, ServeOptions } from "../../support/open-listener.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A listener on a real socket, closed after the test. */
export async function serve(
  protocol: ProtocolFactory,
  options: ServeOptions = {},
): Promise<Served> {
  const served = await openListener(protocol, options);
  closers.push(served.close);
  return served;
}
