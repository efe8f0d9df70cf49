import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { descriptorLimit } from "../../descriptor-limit.ts";
import { DescriptorReserve } from "../../descriptor-reserve.ts";
import type { Logger } from "../../logging/logger.ts";
import { wantedLingerMs } from "../linger.ts";
import { listenersOf } from "../listeners-of.ts";
import type { LoadedSettings } from "../load-settings.ts";
import type { Settings } from "../settings.ts";
import { describeOrigin } from "./describe-origin.ts";

const READABLE_BY_ALL = 0o004;
const PASSABLE_BY_ALL = 0o001;

type Warned = Pick<LoadedSettings, "settings" | "origins">;

/** Logs the warnings of loaded settings, and what their file printed. */
export function logSettings(loaded: LoadedSettings, logger: Logger): void {
  const { configFile, configOutput: output } = loaded;
  if (output) logger.info({ configFile, output }, "config file printed");
  for (const warning of settingsWarnings(loaded)) logger.warn(warning);
}

/** Settings that are valid but unlikely: a line each, without a full stop. */
export function settingsWarnings(loaded: Warned): string[] {
  return [
    ...drainWarnings(loaded),
    ...connectionWarnings(loaded),
    ...keyWarnings(loaded.settings),
  ];
}

/** Connections beyond the descriptors are closed, and get no 503. */
function connectionWarnings({ settings, origins }: Warned): string[] {
  const { maxConnections: wanted } = settings;
  const { limit, maxConnections: most } = new DescriptorReserve(
    descriptorLimit(),
  );
  if (wanted === "auto" || most === 0 || wanted <= most) return [];
  const origin = describeOrigin(origins.get("maxConnections") ?? "default");
  return [
    `maxConnections is ${wanted} (${origin}); with ${limit} descriptors ` +
      `(ulimit -n) a worker can serve ${most}, and closes others unanswered`,
  ];
}

/** A user who can read a key file can impersonate the server. */
function keyWarnings(settings: Settings): string[] {
  const keys = listenersOf(settings).flatMap(({ tls }) => [
    ["tls.keyFile", tls.keyFile] as const,
    ["tls.ticketKeyFile", tls.ticketKeyFile] as const,
  ]);
  const warnings = keys.flatMap(([name, file]) => {
    if (file === undefined || !isReadableByAll(file)) return [];
    return `${name} "${file}" can be read by all users; chmod 600 (or 640) mends that`;
  });
  return [...new Set(warnings)];
}

function drainWarnings({ settings, origins }: Warned): string[] {
  const { drain } = settings;
  const idleMs = listenersOf(settings).map(({ forwarding }) => {
    return forwarding.loadBalancerIdleMs;
  });
  const longestMs = Math.max(...idleMs);
  const wantedMs = wantedLingerMs(drain, longestMs);
  if (drain.deadlineMs >= wantedMs) return [];
  const origin = describeOrigin(origins.get("drain.deadlineMs") ?? "default");
  return [
    `drain.deadlineMs is ${drain.deadlineMs} (${origin}); a drain ends before ` +
      `the balancer gives up idle connections (loadBalancerIdleMs is ` +
      `${longestMs}), and may lose a request on one; ${wantedMs} would do`,
  ];
}

/** Whether every user of the system can read the file, its folders included. */
function isReadableByAll(file: string): boolean {
  try {
    const real = realpathSync(file);
    if ((statSync(real).mode & READABLE_BY_ALL) === 0) return false;
    return foldersOf(real).every((folder) => {
      return (statSync(folder).mode & PASSABLE_BY_ALL) !== 0;
    });
  } catch {
    return false;
  }
}

function foldersOf(file: string): string[] {
  const folder = path.dirname(file);
  return folder === file ? [] : [folder, ...foldersOf(folder)];
}
