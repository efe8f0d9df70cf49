import { check, type HostileKind, scaled } from "../kind.ts";
import type { Peer } from "../peer.ts";

const WHOLE = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
const PIECES = "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n";
const PIPELINE = 64;

/** A failed send shows that the server has cut the connection. */
function askMore(request: string) {
  return (peer: Peer) => void peer.send(request, 1);
}

export const neverReads: HostileKind = {
  name: "never-reads",
  summary:
    "200 connections that read nothing: half ask for 64 answers of 256 KiB " +
    "at once, half for an endless one; then 4 requests a second each",
  boundBy: "`writeTimeoutMs`: cut; nothing is read or made that nobody takes",
  // Socket and connection, one response or 64 KiB of pieces and one more, and
  // the unread pipeline.
  bytesPerConnection: 16_384 + 262_144 + 65_536 + 65_536,
  groups: (scale) => [
    {
      connections: scaled(100, scale),
      opensPerSecond: scaled(100, scale),
      turnsPerSecond: scaled(400, scale),
      isReading: false,
      onOpen: (peer) => peer.send(WHOLE.repeat(PIPELINE), PIPELINE),
      onTurn: askMore(WHOLE),
    },
    {
      connections: scaled(100, scale),
      opensPerSecond: scaled(100, scale),
      turnsPerSecond: scaled(400, scale),
      isReading: false,
      onOpen: askMore(PIECES),
      onTurn: askMore(PIECES),
    },
  ],
  defence: ({ tally }) => [
    check("connections are cut", tally.resets > 0, tally.resets),
  ],
};
