/**
 * Reads the first bytes of a connection as a PROXY protocol header. It is a
 * second implementation of proxy-protocol.txt: it shares no code with the
 * server, takes all bytes at once, and is not optimized.
 */
import { SocketAddress } from "node:net";
import { bitwiseCrc32c } from "./bitwise-crc32c.ts";

export type ReferenceProxyHeader =
  | {
      readonly type: "header";
      /** Source of the client; "peer" and "unix" have none. */
      readonly source: string;
      readonly isClientEncrypted: boolean;
      /** Length of the header; later bytes do not belong to it. */
      readonly bytes: number;
    }
  | { readonly type: "bad"; readonly fault: Fault }
  /** More bytes may complete a header. */
  | { readonly type: "incomplete" };

type Fault = "malformed" | "too_long" | "checksum";

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const V4 = `${OCTET}(?:\\.${OCTET}){3}`;
const NUMBER = "(?:0|[1-9][0-9]{0,4})";
const TCP4 = new RegExp(`^TCP4 (${V4}) ${V4} (${NUMBER}) (${NUMBER})$`);
const TCP6 = new RegExp(
  `^TCP6 ([0-9a-fA-F:.]+) ([0-9a-fA-F:.]+) (${NUMBER}) (${NUMBER})$`,
);
const SIGNATURE = "0d0a0d0a000d0a515549540a";
const MALFORMED = { type: "bad", fault: "malformed" } as const;
const PEER = { type: "header", source: "peer", isClientEncrypted: false };

/** @param wire Latin-1: a character is a byte */
export function readReferenceProxyHeader(
  wire: string,
  maxBytes: number,
): ReferenceProxyHeader {
  const bytes = [...wire].map((char) => char.charCodeAt(0));
  if (bytes.length === 0) return { type: "incomplete" };
  return bytes[0] === 0x50 ? readLine(wire) : readBlock(bytes, maxBytes);
}

function readLine(wire: string): ReferenceProxyHeader {
  const match = /^PROXY (.*?)\r\n/s.exec(wire.slice(0, 107));
  if (!match) {
    if (!wire.startsWith("PROXY ".slice(0, wire.length))) {
      if (!wire.startsWith("PROXY ")) return MALFORMED;
    }
    const isOver = wire.length >= 107;
    return isOver ? { type: "bad", fault: "too_long" } : { type: "incomplete" };
  }
  const [line, text = ""] = match;
  const bytes = line.length;
  if (/^UNKNOWN( |$)/.test(text)) {
    return { ...PEER, type: "header", bytes };
  }
  const [, source = "", ...others] = TCP4.exec(text) ?? TCP6.exec(text) ?? [];
  const ports = others.slice(-2).map(Number);
  if (source === "" || ports.some((port) => port > 65_535)) return MALFORMED;
  const isV6 = text.startsWith("TCP6");
  const groups = isV6 ? [source, others[0] ?? ""].map(groupsOfText) : [];
  if (groups.includes(undefined)) return MALFORMED;
  const shown = isV6 ? addressOfGroups(groups[0] ?? []) : source;
  return { type: "header", source: shown, isClientEncrypted: false, bytes };
}

/** RFC 4291 §2.2: eight groups, or fewer with "::" for one or more. */
function groupsOfText(text: string): number[] | undefined {
  const v4 = new RegExp(`(?<=:)(${V4})$`).exec(text);
  const tail = v4?.[1]?.split(".").map(Number) ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = tail;
  const hex = (n: number) => n.toString(16);
  const plain =
    tail.length === 4
      ? text.replace(v4?.[1] ?? "", `${hex(a * 256 + b)}:${hex(c * 256 + d)}`)
      : text;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right] = halves.map((half) => {
    return half === "" ? [] : half.split(":");
  });
  const given = [...left, ...(right ?? [])];
  if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const missing = 8 - given.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const zeros = Array<string>(missing).fill("0");
  return [...left, ...zeros, ...(right ?? [])].map((g) => parseInt(g, 16));
}

function addressOfGroups(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 6).join() === "0,0,0,0,0,65535";
  const [high = 0, low = 0] = groups.slice(6);
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  const address = groups.map((group) => group.toString(16)).join(":");
  return new SocketAddress({ address, family: "ipv6" }).address;
}

function readBlock(
  bytes: readonly number[],
  maxBytes: number,
): ReferenceProxyHeader {
  const signature = hexOf(bytes.slice(0, 12));
  if (!SIGNATURE.startsWith(signature)) return MALFORMED;
  const [command, family, high, low] = bytes.slice(12);
  if (command === undefined) return { type: "incomplete" };
  if (command !== 0x20 && command !== 0x21) return MALFORMED;
  if (family === undefined) return { type: "incomplete" };
  const isLocal = command === 0x20;
  const addressBytes = { 0: 0, 17: 12, 33: 36, 49: 216 }[family];
  if (!isLocal && addressBytes === undefined) return MALFORMED;
  if (high === undefined || low === undefined) return { type: "incomplete" };
  const length = high * 256 + low;
  if (16 + length > maxBytes) return { type: "bad", fault: "too_long" };
  if (!isLocal && length < (addressBytes ?? 0)) return MALFORMED;
  if (bytes.length < 16 + length) return { type: "incomplete" };
  const all = bytes.slice(0, 16 + length);
  const whole = { type: "header", bytes: all.length } as const;
  if (isLocal) return { ...PEER, ...whole };
  const vectors = vectorsIn(all, 16 + (addressBytes ?? 0));
  if (!vectors) return MALFORMED;
  const tls = vectors.filter(({ type }) => type === 0x20);
  const sums = vectors.filter(({ type }) => type === 0x03);
  if (tls.length > 1 || sums.length > 1) return MALFORMED;
  for (const { value } of tls) {
    if (value.length < 5 || !vectorsIn(value, 5)) return MALFORMED;
  }
  for (const { value, at } of sums) {
    if (value.length !== 4) return MALFORMED;
    const blank = all.map((byte, i) => (i >= at && i < at + 4 ? 0 : byte));
    const sum = bitwiseCrc32c(Uint8Array.from(blank));
    if (sum !== parseInt(hexOf(value), 16)) {
      return { type: "bad", fault: "checksum" };
    }
  }
  const isClientEncrypted = (tls[0]?.value[0] ?? 0) % 2 === 1;
  return { ...whole, source: sourceIn(all), isClientEncrypted };
}

function sourceIn(bytes: readonly number[]): string {
  switch (bytes[13]) {
    case 0x11:
      return bytes.slice(16, 20).join(".");
    case 0x21: {
      const pairs = hexOf(bytes.slice(16, 32)).match(/.{4}/g) ?? [];
      return addressOfGroups(pairs.map((pair) => parseInt(pair, 16)));
    }
    case 0x31:
      return "unix";
    default:
      return "peer";
  }
}

function vectorsIn(bytes: readonly number[], from: number) {
  const vectors: { type: number; value: number[]; at: number }[] = [];
  let rest = bytes.slice(from);
  while (rest.length > 0) {
    const [type = 0, high = 0, low = 0, ...more] = rest;
    const length = high * 256 + low;
    if (rest.length < 3 || more.length < length) return undefined;
    const at = bytes.length - more.length;
    vectors.push({ type, value: more.slice(0, length), at });
    rest = more.slice(length);
  }
  return vectors;
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
