import { type HostileKind, refusals, scaled } from "../kind.ts";

/** Never complete: fields follow without end. */
const HEAD = `GET / HTTP/1.1\r\nHost: a\r\n${"X-A: b\r\n".repeat(100)}`;

export const slowHeads: HostileKind = {
  name: "slow-heads",
  summary: "1,000 connections, each sends a byte of a head every second",
  boundBy: "`headTimeoutMs`: 408",
  // Socket, connection, parser, and the received part of the head.
  bytesPerConnection: 16_384 + 32_768,
  groups: (scale) => [
    {
      connections: scaled(1_000, scale),
      opensPerSecond: scaled(500, scale),
      turnsPerSecond: scaled(1_000, scale),
      onTurn(peer) {
        const at = peer.turns % HEAD.length;
        peer.send(HEAD.slice(at, at + 1), at === 0 ? 1 : 0);
      },
    },
  ],
  defence: (after) => [refusals(after, 408, "head_timeout")],
};
