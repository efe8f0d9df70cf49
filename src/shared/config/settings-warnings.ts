import { wantedLingerMs } from "./linger.ts";
import { listenersOf } from "./listeners-of.ts";
import type { LoadedSettings } from "./load-settings.ts";
import { whence } from "./whence.ts";

/** What is valid, and hardly meant: one line each, without a full stop. */
export function settingsWarnings({
  settings,
  origins,
}: Pick<LoadedSettings, "settings" | "origins">): string[] {
  const { drain } = settings;
  const idleMs = listenersOf(settings).map(({ forwarding }) => {
    return forwarding.loadBalancerIdleMs;
  });
  const longestMs = Math.max(...idleMs);
  const wantedMs = wantedLingerMs(drain, longestMs);
  if (drain.deadlineMs >= wantedMs) return [];
  const origin = whence(origins.get("drain.deadlineMs") ?? "default");
  return [
    `drain.deadlineMs is ${drain.deadlineMs} (${origin}); a drain ends before ` +
      `the balancer gives up idle connections (loadBalancerIdleMs is ` +
      `${longestMs}), and may lose a request on one; ${wantedMs} would do`,
  ];
}
