import type { BenchRequest } from "../scenarios/scenario.ts";

/** A request as it is sent to that port, in ASCII. */
export function requestText(request: BenchRequest, port: number): string {
  const { method, path, headers, body = "" } = request;
  const fields = Object.entries({
    Host: `127.0.0.1:${port}`,
    ...headers,
    ...(body !== "" && { "Content-Length": body.length }),
  });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}
