/** Version 2 of the PROXY protocol: proxy-protocol.txt §2.2. */
import { plainAddress } from "../../../shared/addresses/plain-address.ts";
import { crc32c } from "./crc32c.ts";
import { headerVectors } from "./header-vectors.ts";
import type { ProxyHeader, ProxySource } from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";
import type { ProxyHeaderReading } from "./proxy-header-reading.ts";

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const COMMAND_AT = SIGNATURE.length;
const FAMILY_AT = COMMAND_AT + 1;
const LENGTH_AT = FAMILY_AT + 1;
/** What is before the addresses. */
const HEAD_BYTES = LENGTH_AT + 2;

/** With the version, which is 2. */
const LOCAL = 0x20;
const PROXY = 0x21;

/** Those of streams; a stream has no use for datagrams'. */
const UNSPECIFIED = 0x00;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
const UNIX_STREAM = 0x31;

/** Of both addresses, with their ports. */
const ADDRESS_BYTES = new Map([
  [UNSPECIFIED, 0],
  [TCP_OVER_IPV4, 2 * (4 + 2)],
  [TCP_OVER_IPV6, 2 * (16 + 2)],
  [UNIX_STREAM, 2 * 108],
]);

const CRC32C_TYPE = 0x03;
const CRC32C_BYTES = 4;
const SSL_TYPE = 0x20;
/** Of what the client did, and of whether its certificate was verified. */
const SSL_HEAD_BYTES = 5;
const CLIENT_SPOKE_TLS = 0x01;

/** @throws ProxyHeaderError as soon as the bytes are wrong */
export function readHeaderBlock(
  bytes: Buffer,
  maxBytes: number,
): ProxyHeaderReading {
  const begin = bytes.subarray(0, SIGNATURE.length);
  if (!SIGNATURE.subarray(0, begin.length).equals(begin)) {
    throw malformed("its signature is wrong");
  }
  checkCommand(bytes[COMMAND_AT]);
  // Of those who speak for themselves nothing more is looked at.
  const isLocal = bytes[COMMAND_AT] === LOCAL;
  const addressBytes = isLocal ? 0 : addressBytesOf(bytes[FAMILY_AT]);
  if (bytes.length < HEAD_BYTES) {
    return { type: "incomplete", mostBytes: HEAD_BYTES };
  }
  const length = bytes.readUInt16BE(LENGTH_AT);
  const byteCount = HEAD_BYTES + length;
  if (byteCount > maxBytes) {
    const message = `it has ${byteCount} bytes, ${maxBytes} are allowed`;
    throw new ProxyHeaderError("too_long", message);
  }
  if (length < addressBytes) throw malformed("its addresses are not whole");
  if (bytes.length < byteCount) {
    return { type: "incomplete", mostBytes: byteCount };
  }
  const header = isLocal
    ? FROM_PEER
    : headerIn(bytes.subarray(0, byteCount), HEAD_BYTES + addressBytes);
  return { type: "whole", header, byteCount };
}

const FROM_PEER: ProxyHeader = {
  source: { type: "peer" },
  isClientEncrypted: false,
};

function checkCommand(byte: number | undefined): void {
  if (byte === undefined || byte === LOCAL || byte === PROXY) return;
  throw malformed(`its version and command are ${hex(byte)}`);
}

function addressBytesOf(family: number | undefined): number {
  if (family === undefined) return 0; // it has not come yet
  const count = ADDRESS_BYTES.get(family);
  if (count === undefined) {
    throw malformed(`its family and protocol are ${hex(family)}`);
  }
  return count;
}

/** @param vectorsAt where its addresses end */
function headerIn(block: Buffer, vectorsAt: number): ProxyHeader {
  const vectors = headerVectors(block.subarray(vectorsAt));
  const valueFor = (type: number): Buffer | undefined => {
    const found = vectors.filter((vector) => vector.type === type);
    // They could say different things.
    if (found.length > 1) throw malformed(`it has ${hex(type)} twice`);
    return found[0]?.value;
  };
  const isClientEncrypted = hasSpokenTls(valueFor(SSL_TYPE));
  checkSum(block, valueFor(CRC32C_TYPE));
  return { source: sourceIn(block), isClientEncrypted };
}

function sourceIn(block: Buffer): ProxySource {
  const family = block[FAMILY_AT];
  if (family === UNSPECIFIED) return { type: "peer" };
  if (family === UNIX_STREAM) return { type: "unixSocket" };
  const isV4 = family === TCP_OVER_IPV4;
  const bytes = block.subarray(HEAD_BYTES, HEAD_BYTES + (isV4 ? 4 : 16));
  const text = isV4 ? bytes.join(".") : groupsOf(bytes).join(":");
  return { type: "address", address: plainAddress(text) as string };
}

function groupsOf(bytes: Buffer): string[] {
  const starts = Array.from({ length: bytes.length / 2 }, (_, i) => 2 * i);
  return starts.map((start) => bytes.readUInt16BE(start).toString(16));
}

function hasSpokenTls(value: Buffer | undefined): boolean {
  if (!value) return false;
  const [client] = value;
  if (client === undefined || value.length < SSL_HEAD_BYTES) {
    throw malformed("what it says of TLS is not whole");
  }
  headerVectors(value.subarray(SSL_HEAD_BYTES));
  return (client & CLIENT_SPOKE_TLS) !== 0;
}

/** It is made over the block with zeros in its place (§2.2.3). */
function checkSum(block: Buffer, value: Buffer | undefined): void {
  if (!value) return;
  if (value.length !== CRC32C_BYTES) throw malformed("its checksum is none");
  const blank = Buffer.from(block);
  const at = value.byteOffset - block.byteOffset;
  blank.fill(0, at, at + CRC32C_BYTES);
  if (crc32c(blank) === value.readUInt32BE()) return;
  throw new ProxyHeaderError("checksum", "its checksum is wrong");
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

function malformed(message: string): ProxyHeaderError {
  return new ProxyHeaderError("malformed", message);
}
