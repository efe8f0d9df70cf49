/** Messages between the master and its workers. */
import type { Settings } from "./config/settings.ts";
import type { LogLevelName } from "./logging/line-facts.ts";
import type { AppMetricsPush } from "./metrics/app-metrics.ts";
import type { WorkerReport } from "./metrics/worker-report.ts";
import type { BindRequest, BoundAddress } from "./program-listener.ts";
import type { Count, CountEntry } from "./rate-limits/counter.ts";
import type { Readiness } from "./readiness.ts";

export interface RouteInfo {
  readonly method: string;
  readonly pattern: string;
}

export type MasterMessage =
  /** The answer to "hello". */
  | {
      readonly type: "boot";
      readonly slot: number;
      readonly generation: number;
      readonly settings: Settings;
      /** Working directory: the folder of the release. */
      readonly folder: string | undefined;
      /** TLS ticket keys: 48 secret bytes in base64, shared by all workers. */
      readonly ticketKeys: string;
      /**
       * Whether the configured listener is opened only for an app, which asks
       * for it with "bind".
       */
      readonly isOnDemand: boolean;
      /** If false, the worker waits for "accept" before it accepts. */
      readonly mayAccept: boolean;
      readonly readiness: Readiness;
      /** Level of the log, for now, instead of that of the settings. */
      readonly logLevel: LogLevelName | undefined;
      /** Whether the worker has a file for its recent lines. */
      readonly hasRing: boolean;
    }
  /** Another level of the log; undefined: that of the settings. */
  | { readonly type: "logLevel"; readonly level: LogLevelName | undefined }
  /** The readiness of the server has changed. */
  | { readonly type: "readiness"; readonly readiness: Readiness }
  /** In an upgrade: the workers of the incoming master may accept. */
  | { readonly type: "accept" }
  /** New TLS ticket keys. */
  | { readonly type: "ticketKeys"; readonly ticketKeys: string }
  /**
   * Carries a bound handle on which the worker accepts. The numbers of the
   * configured listeners are their indexes in `listenersOf(settings)`.
   */
  | { readonly type: "listen"; readonly listener: number }
  /** Carries the handle of a connection. */
  | {
      readonly type: "connection";
      readonly id: number;
      readonly listener: number;
      /**
       * Whether the worker is draining and may exit before the connection
       * arrives. It then confirms the connection with "accepted". Otherwise
       * the acknowledgement that Node.js sends on arrival is enough.
       */
      readonly isLate: boolean;
      /** Set if another worker has read from the connection. */
      readonly begun?: BegunConnection | undefined;
    }
  /** The answer to "count": one count for each entry, in the same order. */
  | {
      readonly type: "counted";
      readonly id: number;
      readonly counts: readonly Count[];
    }
  /** The answer to "bind": connections of the listener may follow. */
  | {
      readonly type: "bound";
      readonly id: number;
      readonly listener: number;
      readonly address: BoundAddress;
    }
  | {
      readonly type: "bindFailed";
      readonly id: number;
      /** The system's error code, such as EADDRINUSE. */
      readonly code: string;
      readonly message: string;
    }
  /** A message of the app in another worker. */
  | { readonly type: "broadcast"; readonly json: string }
  /** The log files have been renamed: open new ones. */
  | { readonly type: "reopenLogs" }
  /** Finish open requests and exit. No more connections follow. */
  | { readonly type: "drain" };

export type WorkerMessage =
  | { readonly type: "hello" }
  | {
      readonly type: "ready";
      readonly routes: readonly RouteInfo[];
      /** Whether there is an app, which serves the configured listeners. */
      readonly hasApp: boolean;
    }
  | ({ readonly type: "bind" } & BindRequest)
  /** The program has closed a server, which a listener served. */
  | { readonly type: "unbind"; readonly listener: number }
  /** The worker cannot become ready, and exits. */
  | {
      readonly type: "failed";
      readonly message: string;
      readonly stack: string | undefined;
    }
  /** The worker has taken over a connection with `isLate`. */
  | { readonly type: "accepted"; readonly id: number }
  /** The number of open connections has changed since the last report. */
  | { readonly type: "connections"; readonly openConnections: number }
  | { readonly type: "heartbeat"; readonly report: WorkerReport }
  /** Changes in the metrics of the app. */
  | { readonly type: "appMetrics"; readonly push: AppMetricsPush }
  /** Requests to count for rate limits that all workers share. */
  | {
      readonly type: "count";
      readonly id: number;
      readonly entries: readonly CountEntry[];
    }
  /** A message of the app for the app in all other workers. */
  | { readonly type: "broadcast"; readonly json: string }
  /** Requests that name this session belong to the worker. */
  | { readonly type: "ownSession"; readonly session: string }
  /**
   * Carries the handle of a connection. Its next request names a session that
   * may belong to another worker.
   */
  | ({
      readonly type: "handOver";
      readonly listener: number;
    } & BegunConnection)
  /** The worker requests its replacement. */
  | { readonly type: "retire"; readonly why: string }
  /** The last message, with the final report. */
  | {
      readonly type: "leaving";
      readonly report: WorkerReport;
    };

/**
 * Longest bytes of a connection that goes to another worker: more than a head
 * and what a worker reads of a pipeline, unless heads may be huge.
 */
export const MAX_BEGUN_BYTES = 1024 * 1024;

/** A connection from which a worker has read a request, unanswered so far. */
export interface BegunConnection {
  /** The session that its next request names. */
  readonly session: string;
  /** Whether a session of nobody becomes that of the worker that gets it. */
  readonly mayOwn: boolean;
  /** The bytes that have been read, in base64. */
  readonly bytes: string;
  /** What its PROXY header said, if it had one. */
  readonly proxyHeader?: unknown;
}

export const HEARTBEAT_INTERVAL_MS = 1_000;

/** A socket handle as Node.js passes it over IPC. */
export type RawHandle = object;
