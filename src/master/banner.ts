import { packageVersion } from "../shared/config/package-version.ts";
import type { RouteInfo } from "../shared/ipc-messages.ts";
import { hostAndPort } from "./host-and-port.ts";
import type { ListenAddress } from "./listen-address.ts";

export interface BannerFacts {
  readonly scheme: "http" | "https";
  readonly address: ListenAddress;
  readonly admin: { readonly host: string; readonly port: number };
  readonly routes: readonly RouteInfo[];
  readonly workers: number;
}

const MAX_ROUTES = 40;

/** What a terminal is shown once the server is ready. */
export function banner(facts: BannerFacts): string {
  const { scheme, address, admin, workers } = facts;
  const where =
    "socketPath" in address
      ? `unix:${address.socketPath}${scheme === "https" ? " (TLS)" : ""}`
      : `${scheme}://${hostAndPort(address)}/`;
  const lines = [
    "",
    `  remuda ${packageVersion()}  ${workers} workers  pid ${process.pid}`,
    `  serving  ${where}`,
    `  admin    http://${hostAndPort(admin)}/status`,
    "",
    ...routeLines(facts.routes),
    `  reload: kill -HUP ${process.pid}   stop: Ctrl-C`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function routeLines(routes: readonly RouteInfo[]): string[] {
  const shown = routes.slice(0, MAX_ROUTES).map(({ method, pattern }) => {
    return `  ${method.padEnd(8)} ${pattern}`;
  });
  const hidden = routes.length - shown.length;
  if (hidden > 0) shown.push(`  … and ${hidden} more`);
  return [...shown, ""];
}
