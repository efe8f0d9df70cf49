/** Opens connections as messages ask; each does requests and stays. */
import { connect, type Socket } from "node:net";

/** New connections on that port; each asks once, and is idle then. */
export interface OpenOrder {
  readonly port: number;
  readonly connections: number;
  /** Beyond so many that are open, the oldest one is closed for a new one. */
  readonly atMost?: number;
}

export interface OpenReport {
  /** Connections that were answered and are still open. */
  readonly open: number;
  /** Why the first one failed that did. */
  readonly failure: string | undefined;
}

/** Not all at once: a burst would leave its own marks in a server's heap. */
const AT_A_TIME = 32;
const ANSWER_TIMEOUT_MS = 10_000;
const ANSWER_END = "\r\n\r\nHello World";

const sockets = new Set<Socket>();
let opened = 0;
let failure: string | undefined;

process.on("message", async (order: OpenOrder) => {
  const end = opened + order.connections;
  const open = async () => {
    while (opened < end && failure === undefined) {
      opened++;
      await openOne(order);
      if (sockets.size > (order.atMost ?? Number.POSITIVE_INFINITY))
        closeOldest();
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, open));
  const report: OpenReport = { open: sockets.size, failure };
  process.send?.(report);
});
process.on("disconnect", () => process.exit());

function closeOldest(): void {
  const [oldest] = sockets;
  if (!oldest) return;
  sockets.delete(oldest);
  oldest.removeAllListeners("end").end();
}

/** Resolves when it is idle, or has failed. */
function openOne({ port }: OpenOrder): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  sockets.add(socket);
  return new Promise((resolve) => {
    const fail = (why: string) => {
      failure ??= why;
      sockets.delete(socket);
      socket.destroy();
      settle();
    };
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    const late = () => fail("a request was not answered in time");
    const timer = setTimeout(late, ANSWER_TIMEOUT_MS);
    let answer = "";
    socket.on("error", ({ message }) => fail(message));
    socket.on("end", () => fail("the server closed a connection"));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.endsWith(ANSWER_END)) settle();
    });
    socket.write(request);
  });
}
