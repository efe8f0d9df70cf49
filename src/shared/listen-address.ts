/** Where a server listens. */
export type ListenAddress =
  | {
      readonly host: string;
      readonly port: number;
      /** Of "::": leaves IPv4 to a listener of its own. */
      readonly ipv6Only?: boolean | undefined;
    }
  | {
      readonly socketPath: string;
      /** Who may connect, in octal: "0660". By default the umask decides. */
      readonly mode?: string | undefined;
    };
