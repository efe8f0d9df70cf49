import type { ServerName } from "../server-catalog.ts";

/** One request, asked again and again, and the answer it must get. */
export interface Scenario {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Who can answer it, in the order in which they are measured. */
  readonly servers: readonly ServerName[];
  readonly request: BenchRequest;
  readonly answer: ExpectedAnswer;
  /** Requests in flight on each connection, unless the user says. */
  readonly pipelining: number;
}

export interface BenchRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The same from every server; with a Content-Length that fits. */
export interface ExpectedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}
