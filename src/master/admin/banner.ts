import {
  hostAndPort,
  type ListenAddress,
  listenerName,
} from "../../shared/addresses/listen-address.ts";
import type { RouteInfo } from "../../shared/ipc-messages.ts";
import { packageVersion } from "../../shared/package-version.ts";
import type { Listening } from "../sockets/listener-set.ts";

export interface BannerFacts {
  readonly listening: readonly Listening[];
  readonly admin: ListenAddress | undefined;
  readonly agentCheck: ListenAddress | undefined;
  readonly routes: readonly RouteInfo[];
  readonly workers: number;
}

const MAX_ROUTES = 40;

/** The text that a terminal shows once the server is ready. */
export function banner(facts: BannerFacts): string {
  const { listening, admin, agentCheck, workers } = facts;
  const lines = [
    "",
    `  remuda ${packageVersion()}  ${workers} workers  pid ${process.pid}`,
    ...listening.map((each) => `  serving  ${urlOf(each)}`),
    ...(admin ? [`  admin    ${statusUrlOf(admin)}`] : []),
    ...(agentCheck ? [`  agent    ${listenerName(agentCheck)}`] : []),
    "",
    ...routeLines(facts.routes),
    `  reload: kill -HUP ${process.pid}   stop: Ctrl-C`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function urlOf(listening: Listening): string {
  const { scheme } = listening;
  return "socketPath" in listening
    ? `unix:${listening.socketPath}${scheme === "https" ? " (TLS)" : ""}`
    : `${scheme}://${hostAndPort(listening)}/`;
}

function statusUrlOf(admin: ListenAddress): string {
  return "socketPath" in admin
    ? `unix:${admin.socketPath} /status`
    : `http://${hostAndPort(admin)}/status`;
}

function routeLines(routes: readonly RouteInfo[]): string[] {
  const shown = routes.slice(0, MAX_ROUTES).map(({ method, pattern }) => {
    return `  ${method.padEnd(8)} ${pattern}`;
  });
  const hidden = routes.length - shown.length;
  if (hidden > 0) shown.push(`  … and ${hidden} more`);
  return [...shown, ""];
}
