import assert from "node:assert/strict";
import type { App } from "../../src/worker/app/app.ts";
import { exchange } from "../support/raw-exchange.ts";
import type { ReceivedResponse } from "../support/response-reader.ts";
import { serveHttp } from "../worker/http1/served-http1.ts";

/** What an app answers over a real socket to requests sent as they are. */
export async function askRaw(
  app: App,
  requests: readonly string[],
): Promise<RawAnswer[]> {
  const { address } = await serveHttp((request) => app.handle(request));
  const answers: RawAnswer[] = [];
  for (const request of requests) {
    const { responses, raw } = await exchange(address, request, {
      untilClosed: true,
    });
    const [response] = responses;
    assert.ok(response, `no answer to ${JSON.stringify(request)}`);
    answers.push({ ...response, count: responses.length, raw });
  }
  return answers;
}

export interface RawAnswer extends ReceivedResponse {
  /** How many responses came for the one request. */
  readonly count: number;
  readonly raw: Buffer;
}

/** A request after which the server closes, so that all of it is seen. */
export function rawRequest(
  method: string,
  target: string,
  fields: readonly string[] = [],
): string {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    "Host: stable.example",
    "Connection: close",
    ...fields,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The values of a field's lines. */
export function fieldLines(answer: RawAnswer, name: string): string[] {
  const wanted = name.toLowerCase();
  return answer.fields
    .filter(([each]) => each.toLowerCase() === wanted)
    .map(([, value]) => value);
}
