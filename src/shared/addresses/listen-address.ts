/** Address of a listener, as the settings give it. */
export type ListenAddress =
  | {
      readonly host: string;
      readonly port: number;
      /** For "::": leaves IPv4 to a listener of its own. */
      readonly ipv6Only?: boolean | undefined;
    }
  | {
      readonly socketPath: string;
      /** Permissions in octal: "0660". By default the umask decides. */
      readonly mode?: string | undefined;
    };

/** As in a URL: an IPv6 address is in brackets (RFC 3986 §3.2.2). */
export function hostAndPort(address: {
  readonly host: string;
  readonly port: number;
}): string {
  const { host, port } = address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export function listenerName(address: ListenAddress): string {
  return "socketPath" in address
    ? `unix:${address.socketPath}`
    : hostAndPort(address);
}

/**
 * Names by which listeners are found again: in a reload, and by a master that
 * inherits their sockets. Listeners with the same address, as with port 0, are
 * numbered.
 */
export function listenerNames(
  listeners: readonly { readonly address: ListenAddress }[],
): string[] {
  const counts = new Map<string, number>();
  return listeners.map(({ address }) => {
    const name = listenerName(address);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}
