import { readAdminToken } from "../../shared/config/checks/admin-token.ts";
import type { Settings } from "../../shared/config/settings.ts";
import { adminAddress } from "./admin-address.ts";
import { adminGuard } from "./admin-guard.ts";

/** Who may ask on the admin port, by the settings of the moment. */
export function adminPortGuard(settings: () => Settings) {
  const address = adminAddress(settings());
  return adminGuard({
    // No browser finds its way to a unix socket.
    host: "host" in address ? address.host : "",
    token: () => {
      const { tokenFile } = settings().admin;
      return tokenFile === undefined ? undefined : readAdminToken(tokenFile);
    },
  });
}
