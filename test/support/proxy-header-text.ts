/** Valid and invalid PROXY protocol headers, as Latin-1 text. */
import { bitwiseCrc32c } from "./bitwise-crc32c.ts";

export const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

export const COMMANDS = { LOCAL: 0x20, PROXY: 0x21 } as const;
export const FAMILIES = {
  UNSPEC: 0x00,
  INET: 0x11,
  INET6: 0x21,
  UNIX: 0x31,
} as const;
export const TYPES = { CRC32C: 0x03, NOOP: 0x04, SSL: 0x20 } as const;

export interface BlockParts {
  /** Default: PROXY. */
  readonly command?: number;
  readonly family: number;
  /** Both addresses with ports. */
  readonly addresses?: string;
  /** In the format of `vector()`. */
  readonly vectors?: readonly string[];
}

/** A header of version 2. */
export function proxyBlock(parts: BlockParts): string {
  const { command = COMMANDS.PROXY, addresses = "", vectors = [] } = parts;
  const rest = addresses + vectors.join("");
  const head = String.fromCharCode(command, parts.family);
  return SIGNATURE + head + twoBytes(rest.length) + rest;
}

/** A type-length-value vector. */
export function vector(type: number, value = ""): string {
  return String.fromCharCode(type) + twoBytes(value.length) + value;
}

/** The vector that describes the client's TLS connection. */
export function tlsVector(client: number, vectors: readonly string[] = []) {
  const verify = "\0\0\0\x01";
  const value = String.fromCharCode(client) + verify + vectors.join("");
  return vector(TYPES.SSL, value);
}

const BLANK_CHECKSUM = vector(TYPES.CRC32C, "\0\0\0\0");

/** Adds a checksum as the last vector of the header. */
export function withChecksum({ vectors = [], ...parts }: BlockParts): string {
  const all = [...vectors, BLANK_CHECKSUM];
  const blank = proxyBlock({ ...parts, vectors: all });
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(bitwiseCrc32c(Buffer.from(blank, "latin1")));
  return blank.slice(0, -4) + sum.toString("latin1");
}

/** IPv4 addresses, source first; the ports are 1 and 2. */
export function v4Addresses(source: string, destination: string): string {
  return octets(source) + octets(destination) + twoBytes(1) + twoBytes(2);
}

/** @param source, destination 16 bytes as 32 hexadecimal digits */
export function v6Addresses(source: string, destination: string): string {
  const bytes = Buffer.from(source + destination, "hex").toString("latin1");
  return bytes + twoBytes(1) + twoBytes(2);
}

export function unixAddresses(source: string, destination: string): string {
  return source.padEnd(108, "\0") + destination.padEnd(108, "\0");
}

function octets(address: string): string {
  return String.fromCharCode(...address.split(".").map(Number));
}

function twoBytes(value: number): string {
  return String.fromCharCode((value >> 8) & 0xff, value & 0xff);
}
