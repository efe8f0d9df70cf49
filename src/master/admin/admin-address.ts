import type { Settings } from "../../shared/config/settings.ts";
import type { ListenAddress } from "../../shared/listen-address.ts";

/** Where the admin server is to listen. */
export function adminAddress({ admin }: Settings): ListenAddress {
  const { host, port, socketPath, socketMode: mode } = admin;
  if (socketPath === undefined) return { host, port };
  return { socketPath, ...(mode !== undefined && { mode }) };
}
