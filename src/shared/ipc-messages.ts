/** What master and workers say to each other. */
import type { Settings } from "./config/settings.ts";
import type { WorkerReport } from "./metrics/worker-report.ts";
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
      /** Where to run: the release's. */
      readonly folder: string | undefined;
      /** Of TLS: 48 secret bytes that all workers share, as base64. */
      readonly ticketKeys: string;
      /** Otherwise it does not accept before "accept". */
      readonly mayAccept: boolean;
      readonly readiness: Readiness;
    }
  /** The server stands otherwise than before. */
  | { readonly type: "readiness"; readonly readiness: Readiness }
  /** To workers of a master that has taken over from another one. */
  | { readonly type: "accept" }
  /** From now on these are the ticket keys. */
  | { readonly type: "ticketKeys"; readonly ticketKeys: string }
  /**
   * With a bound handle on which the worker accepts by itself. Listeners go by
   * their places in `listenersOf(settings)`.
   */
  | { readonly type: "listen"; readonly listener: number }
  /** With the handle of a connection. */
  | {
      readonly type: "connection";
      readonly id: number;
      readonly listener: number;
      /**
       * To a worker that may leave by then: it says "accepted" if it takes the
       * connection. Otherwise it does, and Node says that it has come.
       */
      readonly isLate: boolean;
    }
  /** The answer to "count": one for each entry, in their order. */
  | {
      readonly type: "counted";
      readonly id: number;
      readonly counts: readonly Count[];
    }
  /** Log files have been renamed: new ones are to be begun. */
  | { readonly type: "reopenLogs" }
  /** Nothing more will be given: finish and leave. */
  | { readonly type: "drain" };

export type WorkerMessage =
  | { readonly type: "hello" }
  | { readonly type: "ready"; readonly routes: readonly RouteInfo[] }
  /** It cannot become ready, and leaves. */
  | {
      readonly type: "failed";
      readonly message: string;
      readonly stack: string | undefined;
    }
  /** The connection that came late is the worker's from here on. */
  | { readonly type: "accepted"; readonly id: number }
  /** Connections have come or gone since the last message with a number. */
  | { readonly type: "connections"; readonly openConnections: number }
  | { readonly type: "heartbeat"; readonly report: WorkerReport }
  /** Requests that rate limits count for all workers. */
  | {
      readonly type: "count";
      readonly id: number;
      readonly entries: readonly CountEntry[];
    }
  /** It wants to be replaced. */
  | { readonly type: "retire"; readonly why: string }
  /** The last message: these numbers are final. */
  | {
      readonly type: "leaving";
      readonly report: WorkerReport;
    };

export const HEARTBEAT_INTERVAL_MS = 1_000;

/** A socket of the operating system as Node passes it over IPC. */
export type RawHandle = object;
