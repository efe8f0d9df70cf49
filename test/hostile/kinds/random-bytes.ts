import { seededRandom } from "../../support/seeded-random.ts";
import { check, type HostileKind, scaled } from "../kind.ts";
import type { Peer } from "../peer.ts";

const PREFIXES = [
  "",
  "GET ",
  "GET / HTTP/1.1\r\nHost: a\r\n",
  "POST /collect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
];
const random = seededRandom(1);
const NOISE = Buffer.from(
  Array.from({ length: 65_536 }, () => Math.floor(random() * 256)),
);

function noise(length: number): Buffer {
  const start = Math.floor(random() * (NOISE.length - length + 1));
  return NOISE.subarray(start, start + length);
}

/** Sends noise alone, or in place of a method, a field or a chunk. */
function sendNoise(peer: Peer): void {
  const prefix = PREFIXES[Math.floor(random() * PREFIXES.length)] as string;
  peer.send(Buffer.concat([Buffer.from(prefix), noise(1_024)]), 1);
}

export const randomBytes: HostileKind = {
  name: "random-bytes",
  summary:
    "300 connections a second that send 1 KiB of noise, alone or after a " +
    "valid beginning; 4 more that go on with 40 times 64 KiB a second",
  boundBy: "400 at the first wrong byte; `lingeringCloseTimeoutMs`",
  // Socket and connection; refused input is not kept.
  bytesPerConnection: 16_384 + 16_384,
  groups: (scale) => [
    {
      connections: scaled(100, scale),
      opensPerSecond: scaled(300, scale),
      turnsPerSecond: 0,
      onOpen: sendNoise,
    },
    {
      connections: 4,
      opensPerSecond: 40,
      turnsPerSecond: 40,
      onTurn: (peer) => peer.send(NOISE),
    },
  ],
  defence: ({ tally, parseErrors }) => {
    const answered = Object.values(tally.statuses).reduce((a, b) => a + b, 0);
    const counted = Object.values(parseErrors).reduce((a, b) => a + b, 0);
    const found = `${answered} answered, ${counted} counted`;
    const isMet = answered > 0 && counted >= answered;
    return [check("noise is refused", isMet, found)];
  },
};
