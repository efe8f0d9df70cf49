import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import type { Settings } from "../../shared/config/settings.ts";

/** Where the admin server is to listen. */
export function adminAddress({ admin }: Settings): ListenAddress {
  const { host, port, socketPath, socketMode: mode } = admin;
  if (socketPath === undefined) return { host, port };
  return { socketPath, ...(mode !== undefined && { mode }) };
}
