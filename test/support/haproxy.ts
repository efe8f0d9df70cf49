import {
  type BalancerOptions,
  ForegroundProgram,
  skipWithout,
} from "./foreground-program.ts";

/** For `skip`; in CI it must be there. */
export const haproxySkipReason = skipWithout("haproxy", "-v");

/**
 * A real HAProxy, in the foreground. Its log is in `output` with
 * `log stdout format raw local0`.
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
