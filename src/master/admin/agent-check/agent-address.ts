import type { Settings } from "../../../shared/config/settings.ts";
import type { ListenAddress } from "../../../shared/listen-address.ts";

/** Where HAProxy's agent-check may ask, if anywhere. */
export function agentAddress({
  agentCheck: { host, port },
}: Settings): ListenAddress | undefined {
  return port === undefined ? undefined : { host, port };
}
