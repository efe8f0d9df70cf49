import {
  type Aftermath,
  check,
  type HostileKind,
  refusals,
  scaled,
} from "../kind.ts";
import type { Peer } from "../peer.ts";

const HEAD =
  "POST /collect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
const CHUNK = "1\r\nx\r\n";
/** About 64 KiB. */
const MANY_CHUNKS = Buffer.from(CHUNK.repeat(10_922));
const END = "0\r\n\r\n";

function begin(peer: Peer): void {
  peer.send(`${HEAD}\r\n`, 1);
}

function answered({ tally }: Aftermath): number {
  return tally.statuses[200] ?? 0;
}

export const tinyChunks: HostileKind = {
  name: "tiny-chunks",
  summary:
    "bodies in chunks of one byte: 4 connections with 437,000 chunks a " +
    "second (2.6 MB) together, 500 with a chunk a second each",
  boundBy: "`maxBodyBytes`: 413; `bodyTimeoutMs`, `minBodyBytesPerSecond`: 408",
  // Socket and connection, and a body of `maxBodyBytes`, doubled while buffers
  // are joined.
  bytesPerConnection: 16_384 + 65_536,
  groups: (scale) => [
    {
      connections: 4,
      opensPerSecond: 40,
      turnsPerSecond: 40,
      onTurn(peer) {
        // A request has up to 885,000 bytes of content; then the next one
        // starts.
        const turn = peer.turns % scaled(82, scale);
        if (turn === 0) peer.send(`${peer.turns ? END : ""}${HEAD}\r\n`, 1);
        else peer.send(MANY_CHUNKS);
      },
    },
    {
      connections: scaled(500, scale),
      opensPerSecond: scaled(500, scale),
      turnsPerSecond: scaled(500, scale),
      onOpen: begin,
      onTurn: (peer) => peer.send(CHUNK),
    },
  ],
  defence: (after) => [
    check("whole ones are answered", answered(after) > 0, answered(after)),
    refusals(after, 408, "body_timeout"),
  ],
};
