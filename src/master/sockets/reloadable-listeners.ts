import { listenerNames } from "../../shared/addresses/listen-address.ts";
import {
  type ListenEntry,
  type ListenerSettings,
  listenersOf,
} from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";

/**
 * The setting `listen` for a reload. The set of listeners stays, and so do the
 * settings with which their sockets were opened; time-outs, TLS and forwarding
 * are replaced.
 */
export function reloadableListeners(
  running: Settings,
  wanted: Settings,
): {
  readonly listen: readonly ListenEntry[];
  readonly ignored: readonly string[];
} {
  // Without a list there is one listener, with the settings outside the list.
  const isPlain = running.listen.length + wanted.listen.length === 0;
  if (isPlain) return { listen: [], ignored: [] };
  const before = named(running);
  const after = named(wanted);
  const ignored = [...after.keys()]
    .filter((name) => !before.has(name))
    .map((name) => `listen: ${name} is new`);
  const listen = [...before].map(([name, listener]) => {
    const next = after.get(name);
    if (!next) ignored.push(`listen: ${name} is gone`);
    else ignored.push(...changes(name, listener, next));
    const { tls, timeouts, forwarding } = next ?? listener;
    return entryOf({ ...listener, tls, timeouts, forwarding });
  });
  return { listen, ignored };
}

function named(settings: Settings): Map<string, ListenerSettings> {
  const listeners = listenersOf(settings);
  const names = listenerNames(listeners);
  return new Map(
    listeners.map((listener, index) => [names[index] ?? "", listener]),
  );
}

/** Changed settings that only apply when the socket is opened. */
function changes(
  name: string,
  before: ListenerSettings,
  after: ListenerSettings,
): string[] {
  const [one, other] = [opening(before), opening(after)];
  return Object.keys(one)
    .filter((key) => Reflect.get(one, key) !== Reflect.get(other, key))
    .map((key) => `listen: ${key} of ${name}`);
}

function opening({ address, backlog, scheduling }: ListenerSettings): object {
  const none = { mode: undefined, ipv6Only: undefined };
  return { ...none, ...address, backlog, scheduling };
}

/** An entry that does not depend on the settings outside the list. */
function entryOf(listener: ListenerSettings): ListenEntry {
  const { address, backlog, scheduling, tls } = listener;
  const isPlain = tls.certFile === undefined;
  return {
    ...address,
    backlog,
    scheduling,
    tls: isPlain ? false : tls,
    ...listener.timeouts,
    ...listener.forwarding,
  };
}
