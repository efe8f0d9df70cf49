import { check, type HostileKind } from "../kind.ts";

const REQUESTS = 10_000;
const PIPELINE = Buffer.from(
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(REQUESTS),
);

export const longPipelines: HostileKind = {
  name: "long-pipelines",
  summary: "2 connections that send 4 times a second 10,000 requests at once",
  boundBy: "turns of a millisecond; 64 KiB of a pipeline are read ahead",
  // Socket and connection, the unread pipeline, doubled while buffers are
  // joined, and the responses to a part of it.
  bytesPerConnection: 16_384 + 131_072 + 131_072,
  groups: () => [
    {
      connections: 2,
      opensPerSecond: 20,
      turnsPerSecond: 4,
      onTurn(peer) {
        if (peer.isAnswered) peer.send(PIPELINE, REQUESTS);
      },
    },
  ],
  defence: ({ tally }) => {
    const answered = tally.statuses[200] ?? 0;
    const others = Object.keys(tally.statuses).filter((one) => one !== "200");
    return [
      // The last responses may be in transit when the client leaves.
      check(
        "pipelines are answered",
        answered >= tally.requests - 2 * REQUESTS && answered > 0,
        `${answered} of ${tally.requests}`,
      ),
      check("with nothing else", others.length === 0, others.join()),
    ];
  },
};
