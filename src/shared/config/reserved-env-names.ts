/** Variables that start with `REMUDA_` and are no settings. */
export const reservedEnvNames: ReadonlySet<string> = new Set([
  // Path of the config file, as --config.
  "REMUDA_CONFIG",
  // From one master to the next: see inheritance.ts.
  "REMUDA_INHERITED",
]);
