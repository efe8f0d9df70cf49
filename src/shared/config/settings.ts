/**
 * Every setting of the daemon, once: its type, default, help text and valid
 * values all come from this schema. The name of its environment
 * variable and its flag follow from its path: `drain.lingerMs` is
 * `REMUDA_DRAIN_LINGER_MS` and `--drain-linger-ms`.
 */
import * as z from "zod";
import { LOG_LEVELS } from "../logging/line-facts.ts";
import { isRedisUrl } from "../rate-limits/is-redis-url.ts";
import { forwardingSettings } from "./schema/forwarding-settings.ts";
import { listenSchema } from "./schema/listen-schema.ts";
import { metricsSettings } from "./schema/metrics-settings.ts";
import {
  limitSettings,
  loadSheddingSettings,
  timeoutSettings,
} from "./schema/request-settings.ts";
import { needs, needsNonZero, notOver } from "./schema/setting-checks.ts";
import {
  choice,
  documented,
  durationMs,
  fileMode,
  flag,
  host,
  integer,
  MAX_ID,
  modules,
  path,
  type SettingDoc,
} from "./schema/setting-kinds.ts";
import { stickySetting } from "./schema/sticky-setting.ts";
import { workerSettings } from "./schema/worker-settings.ts";

// Visible ASCII: the text becomes a field value.
const serverName = documented(
  z
    .string()
    .regex(/^[\x20-\x7e]*$/)
    .default("remuda"),
  'Value of the Server field; "" leaves the field out',
  "visible ASCII characters",
);

const drain = z
  .strictObject({
    preStopDelayMs: durationMs(
      5_000,
      "After TERM: how long to stay open but not ready, so balancers see it",
      0,
    ),
    lingerMs: durationMs(
      5_000,
      "How long a draining worker keeps idle connections for a next request",
      0,
    ),
    deadlineMs: durationMs(
      20_000,
      "When a draining worker cuts requests that are still in flight",
    ),
    signal: choice(
      ["SIGTERM", "SIGINT"],
      "SIGTERM",
      "Signal that a draining worker's program gets, once it has answered",
    ),
  })
  .prefault({});

const roll = z
  .strictObject({
    surge: integer(
      1,
      "New workers that a reload starts at a time, beside the old ones",
      1,
      1_024,
    ),
    canaryPauseMs: durationMs(
      1_000,
      "How long the first new worker must be healthy before others follow",
      0,
    ),
  })
  .prefault({});

const admin = z
  .strictObject({
    host: host("Address of the admin server (health, status, metrics)"),
    port: integer(9090, "Port of the admin server; 0 picks one", 0, 65_535),
    socketPath: path("Unix socket of the admin server, instead of its port"),
    socketMode: fileMode(
      "File mode of that Unix socket; by default the umask decides",
    ),
    tokenFile: path(
      "File with the token that control calls on the admin port need",
    ),
  })
  .prefault({});

const agentCheck = z
  .strictObject({
    host: host("Address of the port for HAProxy's agent-check"),
    port: documented(
      z.int().min(0).max(65_535).optional(),
      "Port for HAProxy's agent-check; 0 picks one; unset: no such port",
      "an integer, 0 to 65535",
    ),
  })
  .prefault({});

const controlSocket = {
  runtimeDir: path(
    "Folder of the control socket, for the daemon and the commands that ask it",
  ),
  control: z
    .strictObject({
      socketPath: path(
        "Control socket, instead of remuda-<pid>.sock in runtimeDir",
      ),
    })
    .prefault({}),
};

const tls = z
  .strictObject({
    certFile: path(
      "Certificate, then its chain (PEM); with tls.keyFile it turns TLS on",
    ),
    keyFile: path("Private key of the certificate (PEM, no passphrase)"),
    clientCaFile: path(
      "Authorities (PEM); clients must present a certificate of one of them",
    ),
    ticketKeyFile: path(
      "File of 48 random bytes; daemons with the same file share TLS sessions",
    ),
    minVersion: choice(
      ["TLSv1.2", "TLSv1.3"],
      "TLSv1.2",
      "Oldest version of TLS that is accepted",
    ),
    handshakeTimeoutMs: durationMs(
      10_000,
      "Time limit of a TLS handshake; then the connection is closed",
    ),
  })
  .prefault({});

const rateLimit = z
  .strictObject({
    redisUrl: z
      .string()
      .refine(isRedisUrl)
      .optional()
      .meta({
        help: "Redis that counts for rate limits of several machines",
        valid: "a URL, redis://… or rediss://…",
        isSecretUrl: true,
      } satisfies SettingDoc),
  })
  .prefault({});

const general = {
  app: path("App module: exports an App, or a function that is given one"),
  import: modules("Modules that each worker loads before the app"),
  serverName,
  logLevel: choice(LOG_LEVELS, "info", "Lowest level that is logged"),
  logFile: path("File that the log is appended to, instead of stdout"),
  logFormat: choice(
    ["auto", "json", "pretty"],
    "auto",
    "Form of the log on stdout; auto: pretty on a terminal, else json",
  ),
  showStackTraces: flag("Print stack traces with error messages"),
};

const listening = {
  host: host("Address to listen on"),
  port: integer(8080, "TCP port to listen on; 0 picks one", 0, 65_535),
  ipv6Only: flag('Whether the host "::" excludes IPv4'),
  socketPath: path("Unix socket to listen on, instead of host and port"),
  socketMode: fileMode(
    "File mode of that Unix socket; by default the umask decides",
  ),
  backlog: integer(511, "Connections the kernel may queue", 1, 65_535),
};

/** A user or a group, by name or by number. */
function account(help: string) {
  const schema = z.union([
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/),
    z.int().min(0).max(MAX_ID),
  ]);
  return documented(schema.optional(), help, "a name or a number");
}

const service = {
  pidFile: path("File for the master's pid, written once it listens"),
  user: account("User to become once the sockets are bound; only as root"),
  group: account("Group to become; default: the user's own"),
};

const { host: listenHost, port, ipv6Only, socketPath, backlog } = listening;

const listen = listenSchema(
  {
    ...{ host: listenHost, port, ipv6Only, socketPath },
    mode: listening.socketMode,
    ...{ backlog, scheduling: workerSettings.scheduling },
    ...timeoutSettings,
    ...forwardingSettings,
    ...stickySetting,
  },
  tls.unwrap().shape,
)
  .default([])
  .meta({
    help: "Several listeners, instead of host, port and socketPath: see below",
    valid: "a list of objects, each with port or socketPath",
    isFileOnly: true,
  } satisfies SettingDoc);

/** The sections in which `--help` and the settings table show the settings. */
export const settingSections = {
  General: general,
  Listening: { ...listening, listen },
  Workers: workerSettings,
  "Daemon and its supervisor": service,
  "Limits of a request": limitSettings,
  "Time-outs": timeoutSettings,
  "Load shedding": loadSheddingSettings,
  TLS: { tls },
  "Behind a load balancer": { ...forwardingSettings, agentCheck },
  "Sticky sessions": stickySetting,
  "Rate limits": { rateLimit },
  "Metrics of the app": { metrics: metricsSettings },
  Reloads: { roll },
  "Drain and stop": { drain },
  "Admin server": { admin },
  "Control socket": controlSocket,
};

export const settingsSchema = z
  .strictObject({
    ...general,
    ...listening,
    listen,
    ...workerSettings,
    ...service,
    ...limitSettings,
    ...timeoutSettings,
    ...loadSheddingSettings,
    ...forwardingSettings,
    ...stickySetting,
    agentCheck,
    tls,
    rateLimit,
    metrics: metricsSettings,
    roll,
    drain,
    admin,
    ...controlSocket,
  })
  .check(
    notOver("minReady", "workers"),
    notOver("minReady", "workers.min"),
    notOver("autoscale.downUtilization", "autoscale.upUtilization"),
    notOver("maxRequestLineBytes", "maxHeadBytes"),
    notOver("drain.lingerMs", "drain.deadlineMs"),
    needsNonZero("maxQueuedRequests", "maxConcurrentRequests"),
    needs("tls.certFile", "tls.keyFile"),
    needs("tls.keyFile", "tls.certFile"),
    needs("tls.clientCaFile", "tls.certFile"),
    needs("tls.ticketKeyFile", "tls.certFile"),
  );

/** The complete, checked settings of the daemon. */
export type Settings = z.output<typeof settingsSchema>;
