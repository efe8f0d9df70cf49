import type { Settings } from "../../shared/config/settings.ts";

/** What clients have to speak. */
export function schemeOf({ tls }: Pick<Settings, "tls">): "http" | "https" {
  return tls.certFile === undefined ? "http" : "https";
}
