import http from "node:http";
import { text } from "node:stream/consumers";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one GET on a new connection, and closes it. */
export function httpGet(
  port: number,
  path: string,
  timeoutMs = 60_000,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { host: "127.0.0.1", port, path, signal, agent: false };
    const request = http.get(options, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    request.on("error", reject);
  });
}
