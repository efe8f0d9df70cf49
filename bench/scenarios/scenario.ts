import type { AppName, ServerName } from "../server-catalog.ts";

/** Requests, asked again and again, and the answers they must get. */
export interface Scenario {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** What the servers run. */
  readonly app: AppName;
  /**
   * Who can answer it, in the order in which they are measured; ratios are of
   * the first one to the others.
   */
  readonly servers: readonly ServerName[];
  /** In that order; connections begin at different places of it. */
  readonly exchanges: readonly Exchange[];
  /** Requests in flight on each connection, unless the user says. */
  readonly pipelining: number;
  /** At a time, unless the user says. Default: `CONNECTIONS`. */
  readonly connections?: number;
  /** Whether each request has a connection of its own. Default: no. */
  readonly opensConnections?: boolean;
  /** Whether bytes per second are of interest. Default: no. */
  readonly countsBytes?: boolean;
  /** Whether servers write an access log; to a file then. Default: no. */
  readonly logsRequests?: boolean;
}

/** Of most scenarios. */
export const CONNECTIONS = 64;

export interface Exchange {
  readonly request: BenchRequest;
  readonly answer: ExpectedAnswer;
}

export interface BenchRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD" | "OPTIONS";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In ASCII. */
  readonly body?: string;
}

/** The same from every server; with a Content-Length that fits. */
export interface ExpectedAnswer {
  readonly status: number;
  /** Undefined where there is no body. */
  readonly contentType?: string;
  /** In ASCII. */
  readonly body: string;
  /** Other fields it must have, by name in lower case. */
  readonly fields?: Readonly<Record<string, string | RegExp>>;
}
