/** Version 2 of the PROXY protocol: proxy-protocol.txt §2.2. */
import { plainAddress } from "../../../shared/addresses/plain-address.ts";
import { verifyChecksum } from "./crc32c.ts";
import { parseTlvs } from "./parse-tlvs.ts";
import type {
  ProxyHeader,
  ProxyHeaderReading,
  ProxySource,
} from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const COMMAND_AT = SIGNATURE.length;
const FAMILY_AT = COMMAND_AT + 1;
const LENGTH_AT = FAMILY_AT + 1;
/** Bytes before the addresses. */
const HEAD_BYTES = LENGTH_AT + 2;

/** Version 2 and command in one byte. */
const LOCAL = 0x20;
const PROXY = 0x21;

/** Families of stream sockets; datagrams are not accepted. */
const UNSPECIFIED = 0x00;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
const UNIX_STREAM = 0x31;

/** Size of both addresses with their ports. */
const ADDRESS_BYTES = new Map([
  [UNSPECIFIED, 0],
  [TCP_OVER_IPV4, 2 * (4 + 2)],
  [TCP_OVER_IPV6, 2 * (16 + 2)],
  [UNIX_STREAM, 2 * 108],
]);

const CRC32C_TYPE = 0x03;
const SSL_TYPE = 0x20;
/** The client flags and the result of the certificate verification. */
const SSL_HEAD_BYTES = 5;
const CLIENT_USED_TLS = 0x01;

/** @throws ProxyHeaderError as soon as the bytes are wrong */
export function readProxyV2(
  bytes: Buffer,
  maxBytes: number,
): ProxyHeaderReading {
  const begin = bytes.subarray(0, SIGNATURE.length);
  if (!SIGNATURE.subarray(0, begin.length).equals(begin)) {
    throw malformed("the signature is wrong");
  }
  checkCommand(bytes[COMMAND_AT]);
  // LOCAL: the connection is the proxy's own; the rest is ignored.
  const isLocal = bytes[COMMAND_AT] === LOCAL;
  const addressBytes = isLocal ? 0 : addressBytesOf(bytes[FAMILY_AT]);
  if (bytes.length < HEAD_BYTES) {
    return { type: "incomplete", maxBytes: HEAD_BYTES };
  }
  const length = bytes.readUInt16BE(LENGTH_AT);
  const byteCount = HEAD_BYTES + length;
  if (byteCount > maxBytes) {
    const message = `it has ${byteCount} bytes, the limit is ${maxBytes}`;
    throw new ProxyHeaderError("too_long", message);
  }
  if (length < addressBytes) throw malformed("the addresses are incomplete");
  if (bytes.length < byteCount) {
    return { type: "incomplete", maxBytes: byteCount };
  }
  const header = isLocal
    ? FROM_PEER
    : headerIn(bytes.subarray(0, byteCount), HEAD_BYTES + addressBytes);
  return { type: "complete", header, byteCount };
}

const FROM_PEER: ProxyHeader = {
  source: { type: "peer" },
  isClientEncrypted: false,
};

function checkCommand(byte: number | undefined): void {
  if (byte === undefined || byte === LOCAL || byte === PROXY) return;
  throw malformed(`unknown version and command ${hex(byte)}`);
}

function addressBytesOf(family: number | undefined): number {
  if (family === undefined) return 0; // not received yet
  const count = ADDRESS_BYTES.get(family);
  if (count === undefined) {
    throw malformed(`unknown family and protocol ${hex(family)}`);
  }
  return count;
}

/** @param vectorsAt offset of the vectors, after the addresses */
function headerIn(block: Buffer, vectorsAt: number): ProxyHeader {
  const vectors = parseTlvs(block.subarray(vectorsAt));
  const valueFor = (type: number): Buffer | undefined => {
    const found = vectors.filter((vector) => vector.type === type);
    // Two vectors of one type could contradict each other.
    if (found.length > 1) throw malformed(`vector ${hex(type)} occurs twice`);
    return found[0]?.value;
  };
  const isClientEncrypted = usedTls(valueFor(SSL_TYPE));
  verifyChecksum(block, valueFor(CRC32C_TYPE));
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

function usedTls(value: Buffer | undefined): boolean {
  if (!value) return false;
  const [client] = value;
  if (client === undefined || value.length < SSL_HEAD_BYTES) {
    throw malformed("the TLS vector is incomplete");
  }
  parseTlvs(value.subarray(SSL_HEAD_BYTES));
  return (client & CLIENT_USED_TLS) !== 0;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

function malformed(message: string): ProxyHeaderError {
  return new ProxyHeaderError("malformed", message);
}
