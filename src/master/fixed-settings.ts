import type { Settings } from "../shared/config/settings.ts";

/** What the sockets of a running master were opened with. */
const FIXED = [
  "host",
  "port",
  "socketPath",
  "backlog",
  "scheduling",
  "admin",
] as const satisfies readonly (keyof Settings)[];

/**
 * Settings for a reload: those that a running master cannot change stay as
 * they are, and are named.
 */
export function reloadable(
  running: Settings,
  wanted: Settings,
): { readonly settings: Settings; readonly ignored: readonly string[] } {
  const kept = Object.fromEntries(FIXED.map((name) => [name, running[name]]));
  const ignored = FIXED.filter((name) => {
    return JSON.stringify(running[name]) !== JSON.stringify(wanted[name]);
  });
  return { settings: { ...wanted, ...kept }, ignored };
}
