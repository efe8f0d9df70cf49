import { type HostileKind, refusals, scaled } from "../kind.ts";
import type { Peer } from "../peer.ts";

const HEAD =
  "POST /collect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
const EXTENSION = ";a=b";
/** 4 KiB; four of these are accepted, the next one is refused. */
const MANY_EXTENSIONS = Buffer.from(EXTENSION.repeat(1_024));

function begin(peer: Peer): void {
  peer.send(`${HEAD}\r\n1`, 1);
}

export const chunkExtensions: HostileKind = {
  name: "chunk-extensions",
  summary:
    "valid chunk extensions without end: 8 connections with 200 times 4 KiB " +
    "a second together, 500 with a byte a second each",
  boundBy:
    "`maxChunkExtensionBytes`: 431; `bodyTimeoutMs`, " +
    "`minBodyBytesPerSecond`: 408",
  // Socket and connection; extensions are checked but not kept.
  bytesPerConnection: 16_384 + 16_384,
  groups: (scale) => [
    {
      connections: 8,
      opensPerSecond: 80,
      turnsPerSecond: 200,
      onOpen: begin,
      onTurn: (peer) => peer.send(MANY_EXTENSIONS),
    },
    {
      connections: scaled(500, scale),
      opensPerSecond: scaled(500, scale),
      turnsPerSecond: scaled(500, scale),
      onOpen: begin,
      onTurn(peer) {
        peer.send(EXTENSION.charAt(peer.turns % EXTENSION.length));
      },
    },
  ],
  defence: (after) => [
    refusals(after, 431, "chunk_extensions_too_large"),
    refusals(after, 408, "body_timeout"),
  ],
};
