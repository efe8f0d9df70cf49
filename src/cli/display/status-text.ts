/** `/status` as text: a summary, then a table of the workers. */
import { listenerName } from "../../shared/addresses/listen-address.ts";
import {
  type DaemonStatus,
  type WorkerStatus,
  whereItListens,
} from "../daemon/daemon-status.ts";
import { bytesText, countText, durationText, shareText } from "./format.ts";
import type { RequestRates } from "./request-rates.ts";
import { requestsText, routeLines } from "./request-text.ts";
import { fittingTable, type TableColumn } from "./text-table.ts";
import type { WorkerRates } from "./worker-rates.ts";

/** Between this status and an earlier one. */
export interface StatusRates extends WorkerRates {
  /** Undefined if the daemon does not report its requests. */
  readonly requests?: RequestRates | undefined;
}

interface WorkerColumn extends TableColumn {
  readonly cell: (
    worker: WorkerStatus,
    rates: WorkerRates | undefined,
  ) => string;
}

const NAME_WIDTH = 12;

const COLUMNS: readonly WorkerColumn[] = [
  { title: "SLOT", isNumber: true, cell: ({ slot }) => String(slot) },
  {
    title: "PID",
    isNumber: true,
    importance: 6,
    cell: ({ pid }) => String(pid),
  },
  { title: "STATE", importance: 9, cell: stateText },
  {
    title: "GEN",
    isNumber: true,
    importance: 3,
    cell: (worker) => String(worker.generation),
  },
  {
    title: "UP",
    isNumber: true,
    importance: 4,
    cell: ({ uptimeSeconds }) => durationText(uptimeSeconds),
  },
  {
    title: "CONNS",
    isNumber: true,
    importance: 7,
    cell: ({ connections }) => countText(connections),
  },
  {
    title: "ACTIVE",
    isNumber: true,
    importance: 10,
    cell: ({ activeRequests }) => countText(activeRequests),
  },
  {
    title: "REQUESTS",
    isNumber: true,
    importance: 1,
    cell: ({ requests }) => countText(requests),
  },
  {
    title: "REQ/S",
    isNumber: true,
    importance: 13,
    cell: ({ pid }, rates) => {
      const rate = rates?.requestsPerSecond.get(pid);
      return rate === undefined ? "-" : countText(rate);
    },
  },
  {
    title: "CPU",
    isNumber: true,
    importance: 12,
    cell: ({ pid, cpuSeconds }, rates) => {
      if (!rates) return durationText(cpuSeconds);
      const share = rates.cpuShare.get(pid);
      return share === undefined ? "-" : shareText(share);
    },
  },
  {
    title: "MEMORY",
    isNumber: true,
    importance: 11,
    cell: ({ memoryBytes }) => bytesText(memoryBytes),
  },
  {
    title: "LOOP",
    isNumber: true,
    importance: 8,
    cell: ({ eventLoopUtilization }) => shareText(eventLoopUtilization),
  },
  {
    title: "HEARD",
    isNumber: true,
    importance: 2,
    cell: ({ heartbeatAgeSeconds }) => durationText(heartbeatAgeSeconds),
  },
  { title: "CHECKS", importance: 5, cell: checksText },
];

function stateText({ state, isWarmingUp }: WorkerStatus): string {
  return isWarmingUp ? "warming" : state;
}

/**
 * @param rates shown by `top`
 * @param maxColumns tables leave out columns for which there is no room
 */
export function statusText(
  status: DaemonStatus,
  rates?: StatusRates,
  maxColumns = Number.POSITIVE_INFINITY,
): string {
  const columns = COLUMNS.filter(({ title }) => rates || title !== "REQ/S");
  const rows = status.workers.map((worker) => {
    return columns.map(({ cell }) => cell(worker, rates));
  });
  const named = [...summary(status), ...loadOf(status, rates)];
  const routes = rates?.requests ? routeLines(rates.requests, maxColumns) : [];
  const lines = [
    ...named.map(([name, text]) => {
      return `${name.padEnd(NAME_WIDTH)}${printable(text)}`;
    }),
    ...(routes.length > 0 ? ["", ...routes.map(printable)] : []),
    "",
    ...fittingTable(columns, rows, maxColumns),
  ];
  return `${lines.join("\n")}\n`;
}

function summary(status: DaemonStatus): [name: string, text: string][] {
  const { version, node, pid, phase, readiness, uptimeSeconds } = status;
  const up = durationText(uptimeSeconds);
  const isReady = status.isReady ? "ready" : "NOT READY";
  const lines: [string, string][] = [
    ["remuda", `${version}, pid ${pid}, up ${up}, Node.js ${node}`],
    ["state", `${phase}, ${isReady}: ${readiness}`],
    ["app", appText(status)],
    ...status.listening.map((each): [string, string] => {
      return ["listening", `${whereItListens(each)}, ${each.scheduling}`];
    }),
    ...agentLines(status),
    ["workers", `${status.workersWanted} wanted, ${scalingText(status)}`],
    ["generation", String(status.generation)],
  ];
  const { degraded, roll, lastReload, lastUpgrade } = status;
  const changed = logLevelText(status);
  if (changed !== undefined) lines.push(["log level", changed]);
  if (degraded) {
    const { seconds, failures, lastFailure } = degraded;
    const how = `${failures} failures, for ${durationText(seconds)}`;
    const why = `${lastFailure.reason}: ${lastFailure.error}`;
    lines.push(["DEGRADED", `${how}; the last: ${why}`]);
  }
  if (roll) lines.push(["reloading", rollText(roll)]);
  if (lastReload) {
    const { result, at, error } = lastReload;
    const why = error === undefined ? "" : `: ${error}`;
    lines.push(["reload", `${result} at ${at}${why}`]);
  }
  const upgrading = upgradingText(status);
  if (upgrading) lines.push(["upgrading", upgrading]);
  if (lastUpgrade) {
    const { result, at, error } = lastUpgrade;
    const why = error === undefined ? "" : `: ${error}`;
    lines.push(["upgrade", `${result} at ${at}${why}`]);
  }
  return lines;
}

/** Where HAProxy asks, and the answer. */
function agentLines({
  agentCheck,
}: DaemonStatus): [name: string, text: string][] {
  if (!agentCheck) return [];
  const { answer, ...address } = agentCheck;
  const where = listenerName(address);
  return [["agent check", `${where}, says "${answer.trim()}"`]];
}

/** The load of all workers together. */
function loadOf(
  { workers }: DaemonStatus,
  rates: StatusRates | undefined,
): [name: string, text: string][] {
  if (!rates) return [];
  const { requests } = rates;
  const total = (numbers: Iterable<number>) => {
    return [...numbers].reduce((sum, number) => sum + number, 0);
  };
  const of = (count: (worker: WorkerStatus) => number) => {
    return total(workers.map(count));
  };
  const perSecond = countText(total(rates.requestsPerSecond.values()));
  const text = [
    ...(requests ? [] : [`${perSecond} requests/s`]),
    `${countText(of(({ activeRequests }) => activeRequests))} active`,
    `${countText(of(({ connections }) => connections))} connections`,
    `CPU ${shareText(total(rates.cpuShare.values()))}`,
    bytesText(of(({ memoryBytes }) => memoryBytes)),
  ].join(", ");
  const load: [string, string][] = [["load", text]];
  return requests ? [["requests", requestsText(requests)], ...load] : load;
}

function appText({ app, appPath }: DaemonStatus): string {
  if (app === null) return "the welcome app";
  return appPath === null || appPath === app ? app : `${app}, now ${appPath}`;
}

/** Undefined for that of the settings, and from an older daemon. */
function logLevelText({ logLevel }: Partial<DaemonStatus>): string | undefined {
  const secondsLeft = logLevel?.secondsLeft ?? null;
  if (!logLevel || secondsLeft === null) return undefined;
  const { level, configured } = logLevel;
  return `${level} for ${durationText(secondsLeft)}, then ${configured}`;
}

function rollText(roll: NonNullable<DaemonStatus["roll"]>): string {
  const { generation, phase, replaced, of, seconds, error } = roll;
  const since = `for ${durationText(seconds)}`;
  switch (phase) {
    case "canary":
      return `to ${generation}: its first worker is on trial, ${since}`;
    case "replacing":
      return `to ${generation}: ${replaced} of ${of} workers are new, ${since}`;
    case "returning":
      return `back from ${generation}: ${replaced} of ${of}, ${since}: ${error}`;
    default:
      return phase satisfies never;
  }
}

function upgradingText({ upgrade }: DaemonStatus): string | undefined {
  const { state, predecessorPid } = upgrade;
  switch (state) {
    case "idle":
      return predecessorPid === null
        ? undefined
        : `the master before this one (${predecessorPid}) is still leaving`;
    case "starting":
      return "the new master is starting";
    case "handingOver":
      return "the new master takes over";
    case "released":
      return "the new master has taken over; this one drains";
    case "aborting":
      return "it has failed and is being undone";
    default:
      return state satisfies never;
  }
}

function scalingText({ scaling }: DaemonStatus): string {
  const { mode, min, max, utilization } = scaling;
  switch (mode) {
    case "fixed":
      return "as configured";
    case "byHand":
      return "set by hand, until the next reload";
    case "auto": {
      const busy =
        utilization === null ? "" : `, ${shareText(utilization)} busy`;
      return `${min} to ${max} by their load${busy}`;
    }
    default:
      return mode satisfies never;
  }
}

function checksText({ checks }: WorkerStatus): string {
  const failing = checks.filter(({ status }) => status === "fail");
  if (checks.length === 0) return "-";
  if (failing.length === 0) return "pass";
  return `FAIL ${failing.map(({ name }) => printable(name)).join(",")}`;
}

/** Errors may have several lines, or escape sequences. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ");
}
