/** Address of a listener in the settings. */
export type ListenAddress =
  | {
      readonly host: string;
      readonly port: number;
      /** For "::": whether IPv4 is left to a separate listener. */
      readonly ipv6Only?: boolean | undefined;
    }
  | {
      readonly socketPath: string;
      /** Permissions in octal: "0660". Default: from the umask. */
      readonly mode?: string | undefined;
    };

/** Formats as in a URL, with an IPv6 address in brackets (RFC 3986 §3.2.2). */
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
 * Returns names that identify listeners across a reload, and for a master that
 * inherits their sockets. Listeners with the same address, for example with
 * port 0, are numbered.
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
