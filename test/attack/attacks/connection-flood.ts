import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { waitUntil } from "../../support/wait-until.ts";
import type { Attack } from "../attack.ts";
import { Permits } from "../permits.ts";
import type { Target } from "../target.ts";

const CONNECTIONS = 4_500;
const HELD_MS = 4_000;
/** Connections opened in one turn of the event loop, about the backlog size. */
const BATCH = 250;
const BATCH_PAUSE_MS = 20;
const SETTLE_MS = 60_000;
const DROPPED = "server_connections_dropped_total";

/** All floods use the descriptors of this process, which must not run out. */
const permits = new Permits(2);

/** Actions on the daemon while the connections are held, one per round. */
const MEANWHILE = [undefined, reload, undefined, upgrade] as const;

/** Floods with few descriptors, the usual number, and many. */
export const connectionFloods: readonly Attack[] = [
  floodOf("connection-flood-200", 200),
  floodOf("connection-flood", 1_024),
  floodOf("connection-flood-4096", 4_096),
];

function floodOf(name: string, descriptorLimit: number): Attack {
  return {
    name,
    summary:
      `4,500 connections held for 4 s, descriptors limited to ` +
      `${descriptorLimit}; every second time with HUP or USR2 meanwhile`,
    descriptorLimit,
    mayLose: true,
    async strike(target, round) {
      const before = await target.daemon.metricSum(DROPPED);
      await permits.during(() => flood(target, round));
      if (descriptorLimit >= CONNECTIONS / 2) return;
      const what = "dropped connections to be counted";
      await waitUntil(
        async () => (await target.daemon.metricSum(DROPPED)) > before,
        { what },
      );
    },
  };
}

async function flood(target: Target, round: number): Promise<void> {
  const connections = new Flood(target.daemon.port);
  try {
    await connections.rise();
    await MEANWHILE[round % MEANWHILE.length]?.(target);
    await delay(HELD_MS);
  } finally {
    connections.fall();
  }
}

async function reload(target: Target): Promise<void> {
  const said = await target.reload();
  if (said !== "reloaded") throw new Error(said);
}

async function upgrade(target: Target): Promise<void> {
  const { pid } = await target.status();
  await target.signal("SIGUSR2");
  await waitUntil(async () => (await target.status()).pid !== pid, {
    what: "another master",
    timeoutMs: SETTLE_MS,
  });
}

/**
 * Connections that send nothing and stay open as long as the server permits.
 */
class Flood {
  readonly #port: number;
  readonly #sockets: net.Socket[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  async rise(): Promise<void> {
    while (this.#sockets.length < CONNECTIONS) {
      for (let each = 0; each < BATCH; each++) {
        const socket = net.connect(this.#port, "127.0.0.1");
        socket.on("error", () => {}); // refused, or closed at once
        this.#sockets.push(socket);
      }
      await delay(BATCH_PAUSE_MS);
    }
  }

  /** Resets, because thousands of lingering ones would exhaust client ports. */
  fall(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
