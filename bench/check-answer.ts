import http from "node:http";
import type { Scenario } from "./scenarios/scenario.ts";

const TIMEOUT_MS = 10_000;

/**
 * Asks once: servers are compared only if they do the same.
 *
 * @throws Error that says in what the answer differs
 */
export async function checkAnswer(
  port: number,
  { request, answer }: Scenario,
): Promise<void> {
  const got = await ask(port, request);
  const expected: typeof got = {
    status: answer.status,
    contentType: answer.contentType,
    contentLength: String(Buffer.byteLength(answer.body)),
    body: request.method === "HEAD" ? "" : answer.body,
  };
  const [gotText, expectedText] = [got, expected].map((it) =>
    JSON.stringify(it),
  );
  if (gotText === expectedText) return;
  throw new Error(`answered ${gotText}, not ${expectedText}`);
}

interface Got {
  readonly status: number | undefined;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  readonly body: string;
}

function ask(port: number, request: Scenario["request"]): Promise<Got> {
  const { method, path, headers, body } = request;
  const options = {
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: { ...headers, Connection: "close" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  return new Promise((resolve, reject) => {
    const outgoing = http.request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode,
          contentType: response.headers["content-type"],
          contentLength: response.headers["content-length"],
          body: text,
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
