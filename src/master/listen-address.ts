/** Where a server listens. */
export type ListenAddress =
  | { readonly host: string; readonly port: number }
  | { readonly socketPath: string };
