import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Attack } from "../attack.ts";

const CONNECTIONS = 4_500;
const HELD_MS = 4_000;
/** Begun in one turn of the event loop; the backlog holds about as many. */
const BATCH = 250;
const BATCH_PAUSE_MS = 20;
/** What happens to the daemon while the connections are held. */
const MEANWHILE = [undefined, "SIGHUP", undefined, "SIGUSR2"] as const;

export const connectionFlood: Attack = {
  name: "connection-flood",
  summary:
    "4,500 connections held for 4 s, descriptors limited to 1,024; every " +
    "second time with HUP or USR2 in the middle of it",
  descriptorLimit: 1_024,
  mayLose: true,
  async strike(target, round) {
    const flood = new Flood(target.daemon.port);
    try {
      await flood.rise();
      const signal = MEANWHILE[round % MEANWHILE.length];
      if (signal) await target.signal(signal);
      await delay(HELD_MS);
    } finally {
      flood.fall();
    }
  },
};

/** Connections that send nothing and stay for as long as they may. */
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

  /** By resets: thousands that linger would use up the client's ports. */
  fall(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
