import { check, type HostileKind } from "../kind.ts";

const REQUESTS = 10_000;
const PIPELINE = Buffer.from(
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(REQUESTS),
);

export const longPipelines: HostileKind = {
  name: "long-pipelines",
  summary: "2 connections that send 4 times a second 10,000 requests at once",
  boundBy: "turns of a millisecond; 64 KiB of a pipeline are read ahead",
  // The socket and its connection, what is not read of the pipeline, twice
  // while it is put together, and the answers to a part of it.
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
      // The last ones may be on the way when the client leaves.
      check(
        "pipelines are answered",
        answered >= tally.requests - 2 * REQUESTS && answered > 0,
        `${answered} of ${tally.requests}`,
      ),
      check("with nothing else", others.length === 0, others.join()),
    ];
  },
};
