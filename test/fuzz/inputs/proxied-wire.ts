/** Connections that start with a PROXY protocol header, or a similar text. */
import fc from "fast-check";
import {
  COMMANDS,
  FAMILIES,
  proxyBlock,
  SIGNATURE,
  TYPES,
  tlsVector,
  vector,
  withChecksum,
} from "../../support/proxy-header-text.ts";
import { byteMutation, garbage, type Mutation } from "./mutations.ts";

/** Low enough that some blocks reach it. */
export const MAX_HEADER_BYTES = 400;

const byte = fc.nat(255).map((code) => String.fromCharCode(code));
const bytes = (count: number) =>
  fc.string({ unit: byte, minLength: count, maxLength: count });

// --- version 1

const SPECIAL_V6 = ["::", "::1", "::ffff:192.0.2.1", "64:ff9b::1.2.3.4"];
const addresses = {
  TCP4: fc.oneof(fc.ipV4(), fc.constantFrom("127.0.0.1", "0.0.0.0")),
  TCP6: fc.oneof(fc.ipV6(), fc.constantFrom(...SPECIAL_V6)),
};
const port = fc.oneof(fc.nat(65_535), fc.constantFrom(0, 1, 65_535));
const proxiedLine = fc.constantFrom("TCP4", "TCP6").chain((protocol) => {
  const address = addresses[protocol as keyof typeof addresses];
  const words = fc.tuple(address, address, port, port);
  return words.map((all) => `PROXY ${protocol} ${all.join(" ")}\r\n`);
});
const unknownLine = fc
  .oneof(
    fc.constant(""),
    garbage,
    fc.nat(110).map((n) => "x".repeat(n)),
  )
  .map((more) => `PROXY UNKNOWN${more === "" ? "" : ` ${more}`}\r\n`);
const LINE_CHANGES: readonly Mutation[] = [
  (line) => line.replace(" ", "  "),
  (line) => line.replace(/ (?=\S*$)/, "\t"),
  (line) => line.replace(/ (\d+)\r/, " 0$1\r"),
  (line) => line.replace(/(\d+)\r/, (port) => `${Number(port) + 60_000}\r`),
  (line) => line.replace("TCP4", "TCP6"),
  (line) => line.replace("TCP6", "TCP4"),
  (line) => line.replace(/TCP\d/, "UNKNOWN"),
  (line) => line.replace(/\r\n$/, "\n"),
  (line) => line.replace(/\r\n$/, "\r\r\n"),
  (line) => line.replace(/\d+\./, "0$&"),
  (line) => line.replace(/:[\da-f]+/, "%1$&"),
  (line) => line.replace("PROXY", "PROXY TCP4"),
];

// --- version 2

const family = fc.constantFrom(...Object.values(FAMILIES));
const command = fc.constantFrom(COMMANDS.PROXY, COMMANDS.PROXY, COMMANDS.LOCAL);
const ADDRESS_BYTES: Readonly<Record<number, number>> = {
  [FAMILIES.UNSPEC]: 0,
  [FAMILIES.INET]: 12,
  [FAMILIES.INET6]: 36,
  [FAMILIES.UNIX]: 216,
};
const MAPPED = `${"\0".repeat(10)}\xff\xff`;
const anyVector = fc.oneof(
  fc.tuple(fc.nat(255), garbage).map(([type, value]) => vector(type, value)),
  fc.constant(vector(TYPES.NOOP)),
  fc.nat(200).map((count) => vector(TYPES.NOOP, "x".repeat(count))),
  fc.nat(7).map((client) => tlsVector(client, [vector(0x21, "TLSv1.3")])),
);
const block = fc.tuple(family, command, fc.boolean()).chain((given) => {
  const [family, command, hasChecksum] = given;
  return fc
    .record({
      addresses: bytes(ADDRESS_BYTES[family] ?? 0),
      isMapped: fc.boolean(),
      vectors: fc.array(anyVector, { maxLength: 3 }),
    })
    .map(({ addresses, isMapped, vectors }) => {
      const isV6 = family === FAMILIES.INET6 && isMapped;
      const shown = isV6 ? MAPPED + addresses.slice(12) : addresses;
      const parts = { command, family, addresses: shown, vectors };
      return hasChecksum ? withChecksum(parts) : proxyBlock(parts);
    });
});
const LENGTH_AT = SIGNATURE.length + 2;
const putByte = (wire: string, at: number, code: number) =>
  wire.slice(0, at) + String.fromCharCode(code & 0xff) + wire.slice(at + 1);
const lengthChange = fc.integer({ min: -40, max: 40 }).map((by): Mutation => {
  return (wire) => putByte(wire, LENGTH_AT + 1, wire.charCodeAt(15) + by);
});
const hugeLength = fc.nat(255).map((high): Mutation => {
  return (wire) => putByte(wire, LENGTH_AT, high);
});
const headChange = fc.tuple(fc.nat(1), fc.nat(255)).map((given): Mutation => {
  const [place, code] = given;
  return (wire) => putByte(wire, SIGNATURE.length + place, code);
});

// --- both

const header = fc.oneof(
  { weight: 3, arbitrary: proxiedLine },
  { weight: 1, arbitrary: unknownLine },
  { weight: 4, arbitrary: block },
);
const changes = (mutation: fc.Arbitrary<Mutation>) =>
  fc.array(mutation, { minLength: 1, maxLength: 3 });
const changed = ([wire, all]: [string, Mutation[]]) =>
  all.reduce((text, change) => change(text), wire);
const badLine = fc
  .tuple(proxiedLine, changes(fc.constantFrom(...LINE_CHANGES)))
  .map(changed);
const badBlock = fc
  .tuple(block, changes(fc.oneof(lengthChange, hugeLength, headChange)))
  .map(changed);
const badHeader = fc.tuple(header, changes(byteMutation)).map(changed);

/** Valid, nearly valid and absent headers. */
export const anyHeader: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: header },
  { weight: 4, arbitrary: badHeader },
  { weight: 2, arbitrary: badLine },
  { weight: 3, arbitrary: badBlock },
  { weight: 1, arbitrary: fc.tuple(header, header).map((two) => two.join("")) },
  { weight: 1, arbitrary: garbage },
);
