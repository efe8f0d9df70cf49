/**
 * Put before a program with `--import`, it serves the program's servers by
 * Remuda's stack, as `remuda start` does, but in the program's own process:
 * there is no master, and addresses are bound here.
 *
 * An address without a name is bound within `listen()`: tests ask for
 * `server.address()` at once.
 */
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns";
import { isIP } from "node:net";
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import { monotonicClock } from "../../src/shared/clock.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { descriptorLimit } from "../../src/shared/descriptor-limit.ts";
import { DescriptorReserve } from "../../src/shared/descriptor-reserve.ts";
import type { WorkerMessage } from "../../src/shared/ipc-messages.ts";
import { createLogger } from "../../src/shared/logging/logger.ts";
import {
  bindPath,
  bindPort,
  boundPortOf,
  closeHandle,
  type ListeningHandle,
} from "../../src/shared/node-internals/listening-handle.ts";
import type {
  BindRequest,
  BoundAddress,
} from "../../src/shared/program-listener.ts";
import { NOT_STARTED } from "../../src/shared/readiness.ts";
import { HostedProgram } from "../../src/worker/hosting/hosted-program.ts";
import { Meter } from "../../src/worker/meter.ts";
import { WorkerListeners } from "../../src/worker/worker-listeners.ts";

type PortAddress = Extract<BindRequest["address"], { port: number }>;

/** Those without IPv6 have only the second. */
const WILDCARDS = ["::", "0.0.0.0"];

const settings = {
  ...settingsSchema.parse({}),
  // Each listener accepts by itself.
  scheduling: "shared" as const,
};

const logger = createLogger({ role: "worker", level: "silent" });

/** By the number of their listener. */
const handles = new Map<number, ListeningHandle>();

const listeners = new WorkerListeners({
  settings,
  meter: new Meter(),
  clock: monotonicClock,
  reserve: new DescriptorReserve(descriptorLimit()),
  readiness: { ...NOT_STARTED },
  ticketKeys: randomBytes(48),
  onHandshakeFailed: () => {},
  onProxyHeaderFailed: () => {},
  onDropped: () => {},
  onCountChanged: () => program.onCountChanged(),
});
listeners.listen(handles);

const program = new HostedProgram({
  ...{ settings, slot: 1, listeners, logger },
  send: onMessage,
});
program.install();

/** What a master does. */
function onMessage(message: WorkerMessage): void {
  if (message.type === "bind") bind(message);
  else if (message.type === "unbind") unbind(message.listener);
}

function bind({ id, address }: BindRequest): void {
  if (address === "configured") return;
  if ("socketPath" in address) {
    const { socketPath } = address;
    answer(id, bindPath(socketPath), socketPath);
    return;
  }
  const { host } = address;
  if (host === undefined) bindAny(id, address, WILDCARDS);
  else if (isIP(host) !== 0) bindAny(id, address, [host]);
  else {
    lookup(host, (error, found) => {
      if (error) fail(id, error.code ?? "EINVAL", error.message);
      else bindAny(id, address, [found]);
    });
  }
}

/** Binds the first host that there is. */
function bindAny(
  id: number,
  { port, ipv6Only }: PortAddress,
  hosts: readonly string[],
): void {
  for (const host of hosts) {
    const bound = bindPort(host, port, { ipv6Only: ipv6Only === true });
    const isLast = host === hosts.at(-1);
    const isInUse = bound === -constants.errno.EADDRINUSE;
    if (typeof bound === "number" && !isLast && !isInUse) continue;
    const actual = typeof bound === "number" ? port : boundPortOf(bound);
    const family = isIP(host) === 6 ? "IPv6" : "IPv4";
    answer(id, bound, { address: host, family, port: actual ?? port });
    return;
  }
}

/** @param bound or a negative error number */
function answer(
  id: number,
  bound: ListeningHandle | number,
  address: BoundAddress,
): void {
  if (typeof bound === "number") {
    const code = getSystemErrorName(bound);
    fail(id, code, `bind ${code}`);
    return;
  }
  handles.set(id, bound);
  program.onAnswer({ type: "bound", id, listener: id, address });
}

function fail(id: number, code: string, message: string): void {
  program.onAnswer({ type: "bindFailed", id, code, message });
}

function unbind(listener: number): void {
  const handle = handles.get(listener);
  handles.delete(listener);
  if (handle) closeHandle(handle);
}
