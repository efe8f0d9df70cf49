import { type HostileKind, refusals, scaled } from "../kind.ts";
import type { Peer } from "../peer.ts";

const HEAD = "POST /collect HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n";

function begin(peer: Peer): void {
  peer.send(`${HEAD}\r\n`, 1);
}

function drip(peer: Peer): void {
  peer.send("x");
}

export const bodyDrip: HostileKind = {
  name: "body-drip",
  summary:
    "bodies of 1,000,000 bytes, one at a time: 500 connections with a byte " +
    "a second each, 16 with 312",
  boundBy: "`bodyTimeoutMs`, `minBodyBytesPerSecond`: 408; `maxBodyBytes`",
  // Socket and connection, and the received body: 312 bytes a second are less
  // than 64 KiB in a run.
  bytesPerConnection: 16_384 + 65_536,
  groups: (scale) => [
    {
      connections: scaled(500, scale),
      opensPerSecond: scaled(500, scale),
      turnsPerSecond: scaled(500, scale),
      onOpen: begin,
      onTurn: drip,
    },
    {
      connections: scaled(16, scale),
      opensPerSecond: scaled(16, scale),
      turnsPerSecond: 312 * scaled(16, scale),
      onOpen: begin,
      onTurn: drip,
    },
  ],
  defence: (after) => [refusals(after, 408, "body_timeout")],
};
