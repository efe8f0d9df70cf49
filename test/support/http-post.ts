import http from "node:http";
import { text } from "node:stream/consumers";

/** One POST over a Unix socket; rejects unless it succeeds. */
export function httpPost(
  socketPath: string,
  path: string,
  timeoutMs = 30_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { socketPath, path, signal, agent: false, method: "POST" };
    const request = http.request(options, async (response) => {
      const body = await text(response).catch(reject);
      const { statusCode: status = 0 } = response;
      if (status < 300) resolve(String(body));
      else reject(new Error(`POST ${path}: ${status} ${body}`));
    });
    request.on("error", reject);
    request.end();
  });
}
