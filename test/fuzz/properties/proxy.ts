import assert from "node:assert/strict";
import fc from "fast-check";
import type { ProxySource } from "../../../src/worker/net/proxy-protocol/proxy-header.ts";
import { ProxyHeaderError } from "../../../src/worker/net/proxy-protocol/proxy-header-error.ts";
import { ProxyHeaderReader } from "../../../src/worker/net/proxy-protocol/proxy-header-reader.ts";
import {
  type ReferenceProxyHeader,
  readReferenceProxyHeader,
} from "../../support/reference-proxy-header.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyHeader, MAX_HEADER_BYTES } from "../inputs/proxied-wire.ts";
import { cutAt, cuts } from "../inputs/wire.ts";

export const proxy = fuzzProperty({
  name: "proxy",
  sentence: "a PROXY header says what the reference reader finds in it",
  inputs: fc.record({
    header: anyHeader,
    rest: fc.constantFrom("", "GET / HTTP/1.1\r\n", "\r\n\r\n", "PROXY "),
    cuts,
  }),
  check: ({ header, rest, cuts }) => {
    const wire = header + rest;
    const expected = readReferenceProxyHeader(wire, MAX_HEADER_BYTES);
    for (const pieces of [[wire], cutAt(wire, cuts), [...wire]]) {
      assert.deepEqual(readingOf(pieces), expected);
    }
  },
});

function readingOf(pieces: readonly string[]): ReferenceProxyHeader {
  const reader = new ProxyHeaderReader(MAX_HEADER_BYTES);
  let pushedBytes = 0;
  try {
    for (const piece of pieces) {
      const chunk = Buffer.from(piece, "latin1");
      pushedBytes += chunk.length;
      const found = reader.push(chunk);
      // Kept data must be a copy, because the buffer is reused.
      if (!found) chunk.fill("?");
      else {
        const { source, isClientEncrypted } = found.header;
        const bytes = pushedBytes - found.rest.length;
        const type = "header" as const;
        return { type, source: nameOf(source), isClientEncrypted, bytes };
      }
    }
    return { type: "incomplete" };
  } catch (error) {
    if (!(error instanceof ProxyHeaderError)) throw error;
    return { type: "bad", fault: error.fault };
  }
}

function nameOf(source: ProxySource): string {
  switch (source.type) {
    case "peer":
      return "peer";
    case "unixSocket":
      return "unix";
    case "address":
      return source.address;
    default:
      return source satisfies never;
  }
}
