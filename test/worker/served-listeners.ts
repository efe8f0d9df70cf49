import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { z } from "zod";
import { ListenSocket } from "../../src/master/sockets/listen-socket.ts";
import { monotonicClock } from "../../src/shared/clock.ts";
import { maxBodyBytesOf } from "../../src/shared/config/max-body-bytes.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { DescriptorReserve } from "../../src/shared/descriptor-reserve.ts";
import type { RawHandle } from "../../src/shared/ipc-messages.ts";
import { NOT_STARTED } from "../../src/shared/readiness.ts";
import type { Handler } from "../../src/worker/http/handler.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import { Meter } from "../../src/worker/meter.ts";
import { WorkerListeners } from "../../src/worker/worker-listeners.ts";
import type { ServerAddress } from "../support/server-address.ts";

export type Given = z.input<typeof settingsSchema>;

/** All listeners of the settings, on sockets of this process. */
export async function serveListeners(
  t: TestContext,
  given: Given,
  handler: Handler = () => text("hello"),
) {
  const settings = settingsSchema.parse({ scheduling: "shared", ...given });
  const meter = new Meter();
  const readiness = { ...NOT_STARTED };
  const listeners = new WorkerListeners({
    settings,
    meter,
    clock: monotonicClock,
    reserve: new DescriptorReserve(Number.POSITIVE_INFINITY),
    readiness,
    ticketKeys: Buffer.alloc(48),
    onHandshakeFailed: () => {},
    onProxyHeaderFailed: () => {},
    onDropped: () => {},
    onCountChanged: () => {},
  });
  listeners.addConfigured({
    handler,
    maxBodyBytes: maxBodyBytesOf(settings),
  });
  const handles = new Map<number, RawHandle>();
  const addresses: ServerAddress[] = [];
  for (const place of settings.listen.keys()) {
    const socket = await ListenSocket.open({
      address: { host: "127.0.0.1", port: 0 },
      backlog: 16,
      scheduling: "shared",
      onConnection: () => assert.fail("it is the worker who accepts"),
      onAcceptError: (code) => assert.fail(code),
    });
    handles.set(place, socket.sharedHandle as RawHandle);
    addresses.push(socket.address as { port: number });
    t.after(() => socket.close());
  }
  listeners.listen(handles);
  t.after(() => {
    listeners.shutdown();
    listeners.abortAll();
  });
  return { listeners, meter, addresses, readiness };
}
