import http from "node:http";
import { text } from "node:stream/consumers";

export interface PostAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one POST over a Unix socket on a new connection. */
export function httpPost(
  socketPath: string,
  path: string,
  timeoutMs = 60_000,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { socketPath, path, signal, agent: false, method: "POST" };
    const request = http.request(options, (response) => {
      const { statusCode: status = 0 } = response;
      text(response).then((body) => resolve({ status, body }), reject);
    });
    request.on("error", reject);
    request.end();
  });
}
