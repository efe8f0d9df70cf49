import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface JwksServer {
  readonly url: string;
  /** What it answers; it may be changed. With a status of 0 nothing. */
  answer: { status: number; content: unknown };
  /** How often it was asked. */
  count: number;
}

/** Publishes keys on loopback for the length of a test. */
export async function jwksServer(
  test: TestContext,
  keys: readonly object[],
): Promise<JwksServer> {
  const http = createServer((_, response) => {
    served.count++;
    const { status, content } = served.answer;
    if (status === 0) return;
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(
      typeof content === "string" ? content : JSON.stringify(content),
    );
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  test.after(() => {
    http.close();
    http.closeAllConnections();
  });
  const { port } = http.address() as AddressInfo;
  const served: JwksServer = {
    url: `http://127.0.0.1:${port}/jwks.json`,
    answer: { status: 200, content: { keys } },
    count: 0,
  };
  return served;
}
