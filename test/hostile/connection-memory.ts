/**
 * Measures a worker's memory per connection, by the state the connection is in.
 */
import { once } from "node:events";
import net from "node:net";
import { table } from "../../bench/table.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { waitUntil } from "../support/wait-until.ts";

interface RestingState {
  readonly name: string;
  readonly connections: number;
  /** Bytes that each connection sends. */
  readonly bytes: string;
  /** Response that each must receive before it counts as resting. */
  readonly answer?: string;
  /** Default true. */
  readonly isReading?: boolean;
}

interface Usage {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

const POST = "POST /ignore HTTP/1.1\r\nHost: a\r\n";
const LARGE = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";

const STATES: readonly RestingState[] = [
  { name: "silent", connections: 5_000, bytes: "" },
  {
    name: "idle after a request",
    connections: 5_000,
    bytes: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    answer: "hello",
  },
  {
    name: "8 KiB of a head",
    connections: 2_000,
    bytes: `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${"x".repeat(8_150)}`,
  },
  {
    name: "a handler that waits",
    connections: 2_000,
    bytes: `${POST}\r\n`,
  },
  {
    name: "1 MiB of a body that nobody reads",
    connections: 200,
    bytes: `${POST}Content-Length: 1048576\r\n\r\n${"x".repeat(1_048_576)}`,
  },
  {
    name: "the same in chunks of a byte",
    connections: 200,
    bytes: `${POST}Transfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(200_000)}`,
  },
  {
    name: "32 answers of 256 KiB that nobody reads",
    connections: 200,
    bytes: LARGE.repeat(32),
    isReading: false,
  },
];

const ARGS = [
  ["--workers", "1"],
  // No connection may time out during the measurement.
  ["--head-timeout-ms", "600000"],
  ["--body-timeout-ms", "600000"],
  ["--write-timeout-ms", "600000"],
  ["--keep-alive-timeout-ms", "600000"],
].flat();

/** @returns a table */
export async function connectionMemory(
  say: (line: string) => void,
): Promise<string> {
  const head = ["connection", "measured with", "heap KiB", "buffers KiB"];
  const rows = [[...head, "resident KiB"]];
  for (const state of STATES) {
    say(state.name);
    rows.push(await measured(state));
  }
  return table(rows);
}

/** Uses a new daemon, so that no memory of an earlier state counts. */
async function measured(state: RestingState): Promise<string[]> {
  const daemon = await startDaemon({
    app: "test/hostile/app.js",
    args: ARGS,
    env: { NODE_OPTIONS: "--expose-gc" },
  });
  const { name, connections } = state;
  const sockets: net.Socket[] = [];
  try {
    // Excludes code and tables that the first connections of a kind load.
    for (let count = 0; count < connections / 10; count++) {
      sockets.push(await open(daemon.port, state));
    }
    const before = await settled(daemon);
    for (let count = 0; count < connections; count++) {
      sockets.push(await open(daemon.port, state));
    }
    const after = await settled(daemon);
    const each = (of: keyof Usage) => {
      return ((after[of] - before[of]) / connections / 1024).toFixed(1);
    };
    return [
      name,
      String(connections),
      each("heapUsed"),
      each("external"),
      each("rss"),
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    daemon.kill(); // handlers that wait would block the stop
    await daemon.stop();
  }
}

async function open(port: number, state: RestingState): Promise<net.Socket> {
  const { bytes, answer, isReading = true } = state;
  const socket = net.connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {}); // when the daemon stops, at the end
  await once(socket, "connect");
  if (!isReading) socket.pause();
  if (bytes) socket.write(bytes);
  if (answer === undefined) return socket;
  const [chunk] = await once(socket, "data");
  if (String(chunk).endsWith(answer)) return socket;
  throw new Error(`answered ${JSON.stringify(String(chunk))}`);
}

/** Memory after a collection, when it no longer changes. */
async function settled(daemon: Daemon): Promise<Usage> {
  let last: Usage | undefined;
  const isSettled = async () => {
    const before = last;
    const { body } = await httpGet(daemon.port, "/memory");
    last = JSON.parse(body) as Usage;
    const change = Math.abs(last.heapUsed + last.external - total(before));
    return change < 50_000;
  };
  await waitUntil(isSettled, {
    what: "the memory to settle",
    timeoutMs: 20_000,
  });
  return last as Usage;
}

function total(usage: Usage | undefined): number {
  return usage ? usage.heapUsed + usage.external : Number.POSITIVE_INFINITY;
}
