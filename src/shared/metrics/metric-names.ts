/**
 * Every cumulative figure: its name in `Totals`, its name in `/metrics`, its
 * label and its help. Labels that are listed are shown from zero on, so that
 * `rate()` sees the first event too. Gauges are not here: they are never added
 * up.
 */

/** The name of a label, or that and all values it can have. */
type Label = string | Readonly<Record<string, readonly string[]>>;

type ValueOf<Given extends Label> =
  Given extends Readonly<Record<string, readonly (infer Value)[]>>
    ? Value
    : string;

export interface LabelledMetric<Value = string> {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  /** Values of the label that are shown from zero on. */
  readonly values: readonly Value[];
}

export const metricNames = {
  numbers: {
    requestBodyBytes: named(
      "http_server_request_body_bytes_total",
      "Bytes of request bodies received",
    ),
    responseBodyBytes: named(
      "http_server_response_body_bytes_total",
      "Bytes of response bodies sent",
    ),
    acceptedConnections: named(
      "server_connections_accepted_total",
      "Connections accepted, by the master or by workers themselves",
    ),
    redispatched: named(
      "server_connections_redispatched_total",
      "Connections given anew because a worker could not take them",
    ),
    forcedCloses: named(
      "server_drain_forced_closes_total",
      "Connections cut in flight at the drain deadline",
    ),
    lostLogLines: named(
      "server_log_lines_lost_total",
      "Lines of the log that could not be written",
    ),
    appMessagesDropped: named(
      "server_app_messages_dropped_total",
      "Messages between workers that were dropped: one did not take them",
    ),
    supervisorErrors: named(
      "server_supervisor_errors_total",
      "Errors that the master caught in itself",
    ),
  },
  labelled: {
    stickyHandovers: labelled(
      "server_sticky_handovers_total",
      { to: ["owner", "sender"] },
      "Connections that went through the master to the worker of a session",
    ),
    parseErrors: labelled(
      "server_parse_errors_total",
      "reason",
      "Requests refused because they were not valid HTTP/1.1",
    ),
    requestsShed: labelled(
      "server_requests_shed_total",
      {
        reason: [
          "connections",
          "event_loop_delay",
          "queue_full",
          "queue_timeout",
        ],
      },
      "Requests refused because there was too much to do",
    ),
    rateLimited: labelled(
      "server_rate_limited_total",
      "policy",
      "Requests refused because they were over a rate limit",
    ),
    rateLimitStoreErrors: labelled(
      "server_rate_limit_store_errors_total",
      "store",
      "Requests that could not be counted for their rate limit",
    ),
    appMetricsRefused: labelled(
      "server_app_metrics_refused_total",
      { reason: ["name_taken", "series_limit", "push_bytes", "invalid"] },
      "Metrics and series of the app that were left out, or late",
    ),
    connectionsDropped: labelled(
      "server_connections_dropped_total",
      {
        reason: [
          "queue_full",
          "stopped",
          "accept_failed",
          "descriptors",
          "worker_refused",
          "max_connections",
        ],
      },
      "Connections that were closed unserved",
    ),
    tlsHandshakeErrors: labelled(
      "server_tls_handshake_errors_total",
      "reason",
      "Connections that ended in their TLS handshake",
    ),
    proxyHeaderErrors: labelled(
      "server_proxy_header_errors_total",
      "reason",
      "Connections that ended before their PROXY header was whole and right",
    ),
    cpuSeconds: labelled(
      "server_worker_cpu_seconds_total",
      "worker",
      "CPU time of the worker processes of a slot",
    ),
    restarts: labelled(
      "server_worker_restarts_total",
      {
        reason: [
          "crash",
          "oom",
          "stuck",
          "start_failed",
          "memory",
          "bad_message",
          "max_requests",
          "age",
          "retired",
          "reload",
          "scale",
        ],
      },
      "Workers that were replaced",
    ),
    reloads: labelled(
      "server_reloads_total",
      { result: ["success", "failure", "refused", "superseded", "stopped"] },
      "Reloads by how they ended",
    ),
    upgrades: labelled(
      "server_upgrades_total",
      { result: ["success", "failure", "refused"] },
      "Upgrades of the master by how they ended",
    ),
  },
  histograms: {
    requests: named(
      "http_server_request_duration_seconds",
      "Duration of HTTP server requests",
    ),
    eventLoopDelay: named(
      "server_eventloop_delay_seconds",
      "How late the workers' event loops were",
    ),
    drains: named(
      "server_drain_duration_seconds",
      "How long workers took to drain",
    ),
  },
} as const;

export type NumberName = keyof typeof metricNames.numbers;
export type LabelledName = keyof typeof metricNames.labelled;
export type HistogramName = keyof typeof metricNames.histograms;

/** The values that the label of a figure can have. */
export type LabelOf<Name extends LabelledName> =
  (typeof metricNames.labelled)[Name]["values"][number];

function named(name: string, help: string) {
  return { name, help };
}

function labelled<const Given extends Label>(
  name: string,
  given: Given,
  help: string,
): LabelledMetric<ValueOf<Given>> {
  const [label = "", values = []] =
    typeof given === "string" ? [given] : (Object.entries(given)[0] ?? []);
  return { name, help, label, values: values as ValueOf<Given>[] };
}
