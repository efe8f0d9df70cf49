/** Listeners that a program asks for with `server.listen()`. */

/** Where a program listens. */
export type ProgramAddress =
  | {
      readonly port: number;
      /** Default: all addresses, IPv6 included where the system has it. */
      readonly host?: string | undefined;
      readonly ipv6Only?: boolean | undefined;
      /** Number of this request among those with port 0, from 1. */
      readonly ordinal?: number | undefined;
    }
  | {
      readonly socketPath: string;
      /** Permissions in octal: "0660". Default: from the umask. */
      readonly mode?: string | undefined;
    };

/** Asks the master for a listener. */
export interface BindRequest {
  /** Chosen by the worker; the answer repeats it. */
  readonly id: number;
  /** "configured": the listener of the settings, which serves the app. */
  readonly address: ProgramAddress | "configured";
  readonly backlog?: number | undefined;
  /** Whether the program's server does TLS itself. */
  readonly isTls?: boolean | undefined;
}

/** The actual address, as `server.address()` gives it. */
export type BoundAddress =
  | string
  | {
      readonly address: string;
      readonly family: "IPv4" | "IPv6";
      readonly port: number;
    };
