import { once } from "node:events";
import net, { type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { RawHandle } from "../../../src/shared/ipc-messages.ts";
import {
  acceptOn,
  bindPath,
  bindPort,
  boundPortOf,
  closeHandle,
  type ListeningHandle,
} from "../../../src/shared/node-internals/listening-handle.ts";
import { deferred } from "../../support/deferred.ts";

interface Accepted {
  readonly handle: RawHandle;
  readonly client: Socket;
}

/** Fails where it was not bound; closed after the test. */
export function bound(
  t: TestContext,
  handle: ListeningHandle | number,
): ListeningHandle {
  if (typeof handle === "number") throw new Error(`not bound: ${handle}`);
  t.after(() => closeHandle(handle));
  return handle;
}

/** A connection whose raw handle the test must close, or give to a socket. */
export async function acceptedConnection(
  t: TestContext,
  path?: string,
): Promise<Accepted> {
  const given = path === undefined ? bindPort("127.0.0.1", 0) : bindPath(path);
  const listening = bound(t, given);
  const { promise, resolve, reject } = deferred<RawHandle>();
  const status = acceptOn(listening, 16, {
    onConnection: resolve,
    onAcceptError: (code) => reject(new Error(`not accepted: ${code}`)),
  });
  if (status !== 0) throw new Error(`cannot listen: ${status}`);
  const port = boundPortOf(listening) ?? 0;
  const client = path === undefined ? net.connect(port) : net.connect(path);
  t.after(() => client.destroy());
  const [handle] = await Promise.all([promise, once(client, "connect")]);
  return { handle, client };
}
