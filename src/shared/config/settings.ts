/**
 * Every setting of the daemon, once: its type, default, help text and what
 * would be valid all come from this schema. The name of its environment
 * variable and its flag follow from its path: `drain.lingerMs` is
 * `REMUDA_DRAIN_LINGER_MS` and `--drain-linger-ms`.
 */
import * as z from "zod";
import { MAX_TIMER_MS } from "../max-timer-ms.ts";
import { isRedisUrl } from "../rate-limits/is-redis-url.ts";
import { forwardingSettings } from "./forwarding-settings.ts";
import { listenSchema } from "./listen-schema.ts";
import { needs, needsNonZero, notOver } from "./setting-checks.ts";
import {
  choice,
  documented,
  durationMs,
  fileMode,
  flag,
  host,
  integer,
  MAX_ID,
  MIB,
  path,
  paths,
  ratio,
  type SettingDoc,
} from "./setting-kinds.ts";

const workerCount = z.int().min(1).max(1024);
const workerRange = z
  .strictObject({
    min: workerCount,
    max: z.union([z.literal("cores"), workerCount]),
  })
  .refine(({ min, max }) => max === "cores" || min <= max);

/** As a flag or a variable has it: "2-8", "1-cores". */
const workerRangeText = z
  .string()
  .regex(/^\d+-(?:\d+|cores)$/)
  .transform((text) => {
    const [min, max] = text.split("-");
    return { min: Number(min), max: max === "cores" ? max : Number(max) };
  })
  .pipe(workerRange);

const workers = documented(
  z
    .union([z.literal("cores"), workerCount, workerRange, workerRangeText])
    .default("cores"),
  'Worker processes: a number, "cores", or a range by load, as 2-8, 1-cores',
  'an integer, 1 to 1024, "cores", or a range: 2-8, 1-cores, { min, max }',
);

const autoscale = z
  .strictObject({
    upUtilization: ratio(
      0.75,
      "Event loops busier than this, on the mean: more workers",
    ),
    downUtilization: ratio(
      0.5,
      "One worker less, where the others would be less busy than this",
    ),
    upAfterMs: durationMs(
      5_000,
      "Over how long the mean is taken before there are more workers",
      1_000,
    ),
    downAfterMs: durationMs(
      60_000,
      "How long it must stay low before there is a worker less",
      1_000,
    ),
  })
  .prefault({});

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
      "After TERM: how long to stay open, not ready, so balancers see it",
      0,
    ),
    lingerMs: durationMs(
      5_000,
      "How long a draining worker keeps idle connections for a next request",
      0,
    ),
    deadlineMs: durationMs(
      20_000,
      "When a draining worker cuts what is still in flight",
    ),
  })
  .prefault({});

const roll = z
  .strictObject({
    surge: integer(
      1,
      "How many new workers a reload starts at a time, beside the old",
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

const crashLoop = z
  .strictObject({
    maxFailures: integer(5, "So many failures of workers mean: degraded"),
    windowMs: durationMs(60_000, "… within this; as long without: well again"),
  })
  .prefault({});

const admin = z
  .strictObject({
    host: host("Address of the admin server (health, status, metrics)"),
    port: integer(9090, "Port of the admin server; 0 picks one", 0, 65_535),
    socketPath: path("Unix socket of the admin server, instead of its port"),
    socketMode: fileMode("Who may connect to it; by default the umask decides"),
    tokenFile: path(
      "File with the token that control calls on the admin port need",
    ),
  })
  .prefault({});

const agentCheck = z
  .strictObject({
    host: host("Address of the port that HAProxy's agent-check asks"),
    port: documented(
      z.int().min(0).max(65_535).optional(),
      "That port; 0 picks one; without it there is none",
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
      "Authorities (PEM): clients must have a certificate of one of them",
    ),
    ticketKeyFile: path(
      "48 random bytes: who has the same resumes sessions of the others",
    ),
    minVersion: choice(
      ["TLSv1.2", "TLSv1.3"],
      "TLSv1.2",
      "Oldest version of TLS that is spoken",
    ),
    handshakeTimeoutMs: durationMs(
      10_000,
      "A connection whose TLS handshake is not done by then is closed",
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
        help: "Redis in which rate limits count, for several machines",
        valid: "a URL, redis://… or rediss://…",
        isSecretUrl: true,
      } satisfies SettingDoc),
  })
  .prefault({});

const general = {
  app: path("App module: exports an App, or a function that is given one"),
  serverName,
  logLevel: choice(
    ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    "info",
    "Least level that is logged",
  ),
  logFile: path("File that lines of the log are added to, instead of stdout"),
  showStackTraces: flag("Print stack traces with error messages"),
};

const listening = {
  host: host("Address to listen on"),
  port: integer(8080, "TCP port to listen on; 0 picks one", 0, 65_535),
  ipv6Only: flag('Whether the host "::" leaves IPv4 to others'),
  socketPath: path("Unix socket to listen on, instead of host and port"),
  socketMode: fileMode("Who may connect to it; by default the umask decides"),
  backlog: integer(511, "Connections the kernel may queue", 1, 65_535),
};

const herd = {
  workers,
  scheduling: choice(
    ["balanced", "shared"],
    "balanced",
    "Who accepts: the master, for the least busy worker, or each worker",
  ),
  minReady: integer(1, "Ready workers needed for /readyz to say ready"),
  slowStartMs: durationMs(
    0,
    "How long a fresh worker gets fewer new connections than others; balanced",
    0,
  ),
  startTimeoutMs: durationMs(30_000, "A worker must be ready within this"),
  upgradeTimeoutMs: durationMs(
    60_000,
    "A new master that has not taken over by then is given up",
  ),
  heartbeatTimeoutMs: durationMs(
    10_000,
    "A worker silent for so long is stuck: it is killed and replaced",
    2_000,
  ),
  autoscale,
  watchdog: flag(
    "A thread in each worker that tells what a stuck one does, and ends it",
    true,
  ),
  maxWorkerMemoryBytes: integer(
    0,
    "A worker with more is replaced, with twice that killed; 0 is any",
    0,
  ),
  maxRequestsPerWorker: integer(
    0,
    "A worker is replaced before it has answered more; 0 is any number",
    0,
  ),
  maxWorkerAgeMs: durationMs(
    0,
    "A worker is replaced before it is older; 0 is any age",
    0,
  ),
  crashLoop,
  reportDir: path(
    "Folder for reports on workers that had to be killed; see Reports",
  ),
};

const limits = {
  maxRequestLineBytes: integer(8_192, "Longer request lines get 414", 16),
  maxHeadBytes: integer(16_384, "Longer heads (or trailers) get 431", 64),
  maxFields: integer(100, "Heads (or trailers) with more fields get 431"),
  maxBodyBytes: integer(MIB, "Longer request bodies get 413", 0),
  maxChunkExtensionBytes: integer(
    16_384,
    "Bodies with more bytes of chunk extensions get 431",
    0,
  ),
  maxUnreadBodyBytes: integer(
    65_536,
    "How much of a body nobody reads is drained to keep the connection",
    0,
  ),
  maxRequestsPerConnection: integer(
    0,
    "Requests a connection may carry; 0 is no limit",
    0,
  ),
};

const timeouts = {
  headTimeoutMs: durationMs(10_000, "A head not whole by then gets 408"),
  bodyTimeoutMs: durationMs(30_000, "A body silent for so long gets 408"),
  handlerTimeoutMs: durationMs(
    60_000,
    "A handler that has not answered by then: 503; 0 is any time",
    0,
  ),
  minBodyBytesPerSecond: integer(
    240,
    "A body slower than this, after bodyTimeoutMs, gets 408; 0 is any",
    0,
  ),
  keepAliveTimeoutMs: durationMs(
    75_000,
    "An idle connection is closed after this; keep it over the balancer's",
  ),
  writeTimeoutMs: durationMs(
    30_000,
    "A client that reads nothing of its answer for so long is cut off",
  ),
  lingeringCloseTimeoutMs: durationMs(
    5_000,
    "How long to read on after a close, so the client gets its answer",
  ),
};

/** An account is named, or given by its number. */
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

const loadShedding = {
  maxConnections: documented(
    z.union([z.literal("auto"), z.int().min(0)]).default("auto"),
    'Connections of a worker; others get 503; "auto": by ulimit -n; 0: any',
    'an integer, 0 or more, or "auto"',
  ),
  maxConcurrentRequests: integer(
    0,
    "Requests that a worker handles at a time; 0 is any number",
    0,
  ),
  maxQueuedRequests: integer(
    0,
    "Requests that wait for their turn in a worker; others get 503",
    0,
  ),
  queueTimeoutMs: durationMs(1_000, "One that has waited so long gets 503"),
  maxEventLoopDelayMs: integer(
    0,
    "While a worker's event loop is later than this: 503; 0 is any delay",
    0,
    MAX_TIMER_MS,
  ),
  shedExemptPaths: paths(
    ["/healthz", "/livez", "/readyz"],
    "Paths that are always handled; a list with commas",
  ),
};

const { host: listenHost, port, ipv6Only, socketPath, backlog } = listening;

const listen = listenSchema(
  {
    ...{ host: listenHost, port, ipv6Only, socketPath },
    mode: listening.socketMode,
    ...{ backlog, scheduling: herd.scheduling },
    ...timeouts,
    ...forwardingSettings,
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
  Workers: herd,
  "Daemon and its supervisor": service,
  "Limits of a request": limits,
  "Time-outs": timeouts,
  "Load shedding": loadShedding,
  TLS: { tls },
  "Behind a load balancer": { ...forwardingSettings, agentCheck },
  "Rate limits": { rateLimit },
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
    ...herd,
    ...service,
    ...limits,
    ...timeouts,
    ...loadShedding,
    ...forwardingSettings,
    agentCheck,
    tls,
    rateLimit,
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

/** The daemon's settings, whole and checked. */
export type Settings = z.output<typeof settingsSchema>;
