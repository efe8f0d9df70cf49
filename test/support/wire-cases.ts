import { seededRandom } from "./seeded-random.ts";

/** One way to deliver the same bytes. */
export interface Delivery {
  readonly name: string;
  readonly pieces: readonly Buffer[];
  /** Number of final bytes that do not belong to the case. */
  readonly trailingBytes: number;
}

export interface DeliveryOptions {
  /**
   * Bytes to add after the case; "" if none are allowed. Default: a request.
   */
  readonly trailing?: string;
  readonly randomSplits?: number;
}

const NEXT_REQUEST = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";

/**
 * Ways to deliver the same bytes; the result must not depend on them: whole,
 * byte by byte, cut at random offsets (the same in each run), and with trailing
 * bytes, whole and byte by byte. Text is Latin-1.
 */
export function deliveriesOf(
  wire: string | Buffer,
  { trailing = NEXT_REQUEST, randomSplits = 4 }: DeliveryOptions = {},
): Delivery[] {
  const bytes = typeof wire === "string" ? Buffer.from(wire, "latin1") : wire;
  const more = Buffer.concat([bytes, Buffer.from(trailing, "latin1")]);
  const own = (name: string, pieces: Buffer[]) => {
    return { name, pieces, trailingBytes: 0 };
  };
  const withMore = (name: string, pieces: Buffer[]) => {
    return { name, pieces, trailingBytes: trailing.length };
  };
  const seeds = Array.from({ length: randomSplits }, (_, seed) => seed + 1);
  return [
    own("whole", [bytes]),
    own("byte by byte", byteByByte(bytes)),
    ...seeds.map((seed) => own(`split ${seed}`, splitAtRandom(bytes, seed))),
    ...(trailing === ""
      ? []
      : [
          withMore("whole, and more", [more]),
          withMore("byte by byte, and more", byteByByte(more)),
        ]),
  ];
}

/** All ways to cut the bytes in two, for a short case. */
export function cutInTwo(wire: string): Buffer[][] {
  const bytes = Buffer.from(wire, "latin1");
  return Array.from({ length: bytes.length - 1 }, (_, index) => {
    return [bytes.subarray(0, index + 1), bytes.subarray(index + 1)];
  });
}

function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

function splitAtRandom(bytes: Buffer, seed: number): Buffer[] {
  const random = seededRandom(seed);
  const longest = Math.max(2, bytes.length / 3);
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = at + 1 + Math.floor(random() * longest);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
