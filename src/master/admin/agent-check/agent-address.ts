import type { ListenAddress } from "../../../shared/addresses/listen-address.ts";
import type { Settings } from "../../../shared/config/settings.ts";

/** Where HAProxy's agent-check may ask, if anywhere. */
export function agentAddress({
  agentCheck: { host, port },
}: Settings): ListenAddress | undefined {
  return port === undefined ? undefined : { host, port };
}
