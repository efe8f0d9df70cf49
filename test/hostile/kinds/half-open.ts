import { check, type HostileKind, scaled } from "../kind.ts";

const CONNECTIONS = 10_000;

export const halfOpen: HostileKind = {
  name: "half-open",
  summary: "10,000 connections, 1,000 a second, that send nothing",
  boundBy: "`keepAliveTimeoutMs`: closed; `ulimit -n`",
  // Socket and connection; there are no buffers.
  bytesPerConnection: 16_384,
  groups: (scale) => [
    {
      connections: scaled(CONNECTIONS, scale),
      opensPerSecond: 1_000,
      turnsPerSecond: 0,
    },
  ],
  defence: ({ tally }) => [
    check("nobody is refused", tally.refused === 0, tally.refused),
    check("silent ones are closed", tally.fins > 0, tally.fins),
  ],
};
