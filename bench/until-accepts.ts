import { once } from "node:events";
import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 20;

/** Connects until it can: what binds a port need not listen yet. */
export async function untilAccepts(
  port: number,
  timeoutMs: number,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await canConnect(port))) {
    if (performance.now() > deadlineMs) {
      throw new Error(`nobody accepts on port ${port} after ${timeoutMs} ms`);
    }
    await delay(PAUSE_MS);
  }
}

/** @throws Error where it fails for another reason than that nobody listens */
async function canConnect(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
