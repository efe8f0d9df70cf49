import {
  type BalancerOptions,
  ForegroundProgram,
  skipWithout,
} from "./foreground-program.ts";

/** For `skip`; false in CI, where HAProxy is required. */
export const haproxySkipReason = skipWithout("haproxy", "-v");

/**
 * Runs HAProxy in the foreground. `log stdout format raw local0` writes its log
 * to `output`.
 */
export function startHaproxy(
  options: BalancerOptions,
): Promise<ForegroundProgram> {
  return ForegroundProgram.start({
    ...options,
    configName: "haproxy.cfg",
    command: () => ["haproxy", "-db", "-f", "haproxy.cfg"],
  });
}
