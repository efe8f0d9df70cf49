import type { Daemon } from "./daemon.ts";
import { exchange } from "./raw-exchange.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** Requests "/" on a new connection and returns the body. */
export async function answerOf(daemon: Daemon): Promise<string> {
  const { responses } = await exchange(daemon.address, GET, {
    untilClosed: true,
  });
  return responses[0]?.body.toString() ?? "nothing";
}
