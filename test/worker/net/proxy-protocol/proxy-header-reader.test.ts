import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProxyHeaderError } from "../../../../src/worker/net/proxy-protocol/proxy-header-error.ts";
import { ProxyHeaderReader } from "../../../../src/worker/net/proxy-protocol/proxy-header-reader.ts";
import {
  COMMANDS,
  FAMILIES,
  proxyBlock,
  SIGNATURE,
  TYPES,
  tlsVector,
  unixAddresses,
  v4Addresses,
  v6Addresses,
  vector,
  withChecksum,
} from "../../../support/proxy-header-text.ts";

const MAX_BYTES = 4_096;
const ALL_ONES = "ffff".padEnd(39, ":ffff");
const REST = "GET / HTTP/1.1\r\n";

/** What a reader makes of chunks: "<source> [tls] +<rest>", or what is wrong. */
function read(chunks: readonly string[], maxBytes = MAX_BYTES): string {
  const reader = new ProxyHeaderReader(maxBytes);
  for (const [index, chunk] of chunks.entries()) {
    try {
      const found = reader.push(Buffer.from(chunk, "latin1"));
      if (!found) continue;
      const { source, isClientEncrypted } = found.header;
      const who = source.type === "address" ? source.address : source.type;
      const rest = found.rest.toString("latin1");
      const others = chunks.slice(index + 1).join("");
      return `${who}${isClientEncrypted ? " tls" : ""} +${rest}${others}`;
    } catch (error) {
      assert.ok(error instanceof ProxyHeaderError, String(error));
      return error.fault;
    }
  }
  return "incomplete";
}

/** In one chunk, in one that ends with the header, and byte by byte. */
function assertRead(header: string, expected: string): void {
  const isHeader = expected.endsWith("+");
  const wire = header + REST;
  const whole = isHeader ? expected + REST : expected;
  assert.equal(read([wire]), whole);
  assert.equal(read([...wire]), whole);
  assert.equal(read([header, REST]), whole);
  if (!isHeader) return;
  for (let cut = 0; cut < header.length; cut++) {
    assert.equal(read([header.slice(0, cut)]), "incomplete");
    assert.equal(read([wire.slice(0, cut), wire.slice(cut)]), whole);
  }
}

describe("§2.1 a header of version 1", () => {
  const good: [line: string, source: string][] = [
    ["TCP4 192.0.2.1 198.51.100.7 56324 443", "192.0.2.1"],
    ["TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255"],
    ["TCP4 0.0.0.0 0.0.0.0 0 0", "0.0.0.0"],
    ["TCP6 2001:db8::1 2001:db8::2 1 2", "2001:db8::1"],
    ["TCP6 2001:0DB8:0:0:0:0:0:0001 :: 1 2", "2001:db8::1"],
    ["TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1 2", "192.0.2.1"],
    ["TCP6 ::ffff:c000:201 ::1 1 2", "192.0.2.1"],
    [`TCP6${` ${ALL_ONES}`.repeat(2)} 65535 65535`, ALL_ONES],
    ["UNKNOWN", "peer"],
    ["UNKNOWN ", "peer"],
    [`UNKNOWN${` ${ALL_ONES}`.repeat(2)} 65535 65535`, "peer"],
    ["UNKNOWN TCP4 192.0.2.1 \r\0\n\xff", "peer"],
  ];
  for (const [line, source] of good) {
    test(`tells of ${source} with ${JSON.stringify(line)}`, () => {
      assertRead(`PROXY ${line}\r\n`, `${source} +`);
    });
  }

  const address = "192.0.2.1 192.0.2.2";
  const bad: [why: string, wire: string][] = [
    ["another name", "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n"],
    ["no space after the name", "PROXY\tUNKNOWN\r\n"],
    ["two spaces after the name", `PROXY  TCP4 ${address} 1 2\r\n`],
    ["two spaces", `PROXY TCP4  ${address} 1 2\r\n`],
    ["a space at the end", `PROXY TCP4 ${address} 1 2 \r\n`],
    ["a tab", `PROXY TCP4\t${address} 1 2\r\n`],
    ["no protocol", "PROXY \r\n"],
    ["an unknown protocol", `PROXY UDP4 ${address} 1 2\r\n`],
    ["a protocol in small letters", `PROXY tcp4 ${address} 1 2\r\n`],
    ["more behind UNKNOWN", "PROXY UNKNOWNS\r\n"],
    ["a CR in it", `PROXY TCP4 ${address} 1 2\r\r\n`],
    ["a LF in it", `PROXY TCP4 ${address} 1 2\n\r\n`],
    ["a NUL in it", `PROXY TCP4 ${address}\0 1 2\r\n`],
    ["no ports", `PROXY TCP4 ${address}\r\n`],
    ["one port", `PROXY TCP4 ${address} 1\r\n`],
    ["three ports", `PROXY TCP4 ${address} 1 2 3\r\n`],
    ["a port above 65535", `PROXY TCP4 ${address} 65536 2\r\n`],
    ["a port with zeros before it", `PROXY TCP4 ${address} 1 02\r\n`],
    ["a port with a sign", `PROXY TCP4 ${address} +1 2\r\n`],
    ["a port in hexadecimal", `PROXY TCP4 ${address} 0x1 2\r\n`],
    ["an empty port", `PROXY TCP4 ${address}  2\r\n`],
    ["an address of IPv6 in TCP4", "PROXY TCP4 ::1 192.0.2.2 1 2\r\n"],
    ["a destination of IPv6 in TCP4", "PROXY TCP4 192.0.2.1 ::1 1 2\r\n"],
    ["an address of IPv4 in TCP6", `PROXY TCP6 ${address} 1 2\r\n`],
    ["an address with a zone", "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"],
    ["zeros before a number", "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"],
    ["three numbers", "PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n"],
    ["a number above 255", "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n"],
    ["seven groups", "PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n"],
    ["nine groups", "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n"],
    ["two gaps", "PROXY TCP6 1::2::3 ::1 1 2\r\n"],
    ["a host name", "PROXY TCP4 localhost 192.0.2.2 1 2\r\n"],
    ["two lines", "PROXY TCP4 192.0.2.1\r\n 192.0.2.2 1 2\r\n"],
  ];
  for (const [why, wire] of bad) {
    test(`is malformed with ${why}`, () => assertRead(wire, "malformed"));
  }

  test("is malformed from the first wrong byte on", () => {
    const name = "PROXY ";
    for (let end = 0; end < name.length; end++) {
      assert.equal(read([`${name.slice(0, end)}!`]), "malformed");
    }
  });

  test("has a CRLF in its first 107 bytes", () => {
    const longest = "PROXY UNKNOWN ".padEnd(105, "x");
    assertRead(`${longest}\r\n`, "peer +");
    assertRead(`${longest}x\r\n`, "too_long");
    assertRead(`${longest}xx`, "too_long");
    assert.equal(read([`${longest}x`]), "incomplete");
  });
});

describe("§2.2 a header of version 2", () => {
  const v4 = {
    family: FAMILIES.INET,
    addresses: v4Addresses("192.0.2.1", "198.51.100.7"),
  };
  const v6 = {
    family: FAMILIES.INET6,
    addresses: v6Addresses(
      "20010db8000000000000000000000001",
      "00000000000000000000000000000001",
    ),
  };
  const mapped = v6Addresses(
    "00000000000000000000ffffc0000201",
    "00000000000000000000ffffc0000202",
  );
  const unix = {
    family: FAMILIES.UNIX,
    addresses: unixAddresses("/run/client.sock", "/run/proxy.sock"),
  };
  const unspecified = { family: FAMILIES.UNSPEC };
  const local = { command: COMMANDS.LOCAL };
  const version = vector(0x21, "TLSv1.3");

  const good: [what: string, header: string, expected: string][] = [
    ["IPv4", proxyBlock(v4), "192.0.2.1 +"],
    ["IPv6", proxyBlock(v6), "2001:db8::1 +"],
    [
      "IPv4 within IPv6",
      proxyBlock({ ...v6, addresses: mapped }),
      "192.0.2.1 +",
    ],
    ["a unix socket", proxyBlock(unix), "unixSocket +"],
    ["an unknown family", proxyBlock(unspecified), "peer +"],
    ["the proxy itself", proxyBlock({ ...local, ...unspecified }), "peer +"],
    [
      "the proxy itself, whatever it adds",
      proxyBlock({ command: COMMANDS.LOCAL, family: 0xff, addresses: "\x03" }),
      "peer +",
    ],
    [
      "vectors of any type",
      proxyBlock({
        ...v4,
        vectors: [0x01, 0x04, 0x05, 0x30, 0xea, 0xff].map((type) => {
          return vector(type, "any\r\nvalue");
        }),
      }),
      "192.0.2.1 +",
    ],
    [
      "an empty vector twice",
      proxyBlock({ ...v4, vectors: [vector(4), vector(4)] }),
      "192.0.2.1 +",
    ],
    [
      "a client that spoke TLS",
      proxyBlock({ ...v4, vectors: [tlsVector(1, [version])] }),
      "192.0.2.1 tls +",
    ],
    [
      "a client with a certificate",
      proxyBlock({ ...v6, vectors: [tlsVector(7, [version])] }),
      "2001:db8::1 tls +",
    ],
    [
      "a client that spoke no TLS",
      proxyBlock({ ...v4, vectors: [tlsVector(0)] }),
      "192.0.2.1 +",
    ],
    [
      "a client of an unknown family that spoke TLS",
      proxyBlock({ ...unspecified, vectors: [tlsVector(1)] }),
      "peer tls +",
    ],
    ["a checksum", withChecksum(v4), "192.0.2.1 +"],
    [
      "a checksum between others",
      withChecksum({ ...unix, vectors: [vector(4, "x"), tlsVector(1)] }),
      "unixSocket tls +",
    ],
  ];
  for (const [what, header, expected] of good) {
    test(`tells of ${what}`, () => assertRead(header, expected));
  }

  const head = (command: number, family: number) =>
    SIGNATURE + String.fromCharCode(command, family);
  const cut = proxyBlock(v4).slice(0, -1).replace("\0\x0c", "\0\x0b");
  const bad: [why: string, header: string][] = [
    ["version 1", head(0x11, FAMILIES.INET)],
    ["version 3", head(0x31, FAMILIES.INET)],
    ["an unknown command", head(0x22, FAMILIES.INET)],
    ["an unknown family", head(COMMANDS.PROXY, 0x41)],
    ["datagrams over IPv4", head(COMMANDS.PROXY, 0x12)],
    ["datagrams over IPv6", head(COMMANDS.PROXY, 0x22)],
    ["datagrams of unix sockets", head(COMMANDS.PROXY, 0x32)],
    ["an unknown protocol over IPv4", head(COMMANDS.PROXY, 0x10)],
    ["a stream of no family", head(COMMANDS.PROXY, 0x01)],
    ["addresses that are cut", cut],
    ["no addresses of IPv6", proxyBlock({ family: FAMILIES.INET6 })],
    ["a vector that is cut", proxyBlock({ ...v4, vectors: ["\x04\0"] })],
    [
      "a vector that goes past the end",
      proxyBlock({ ...v4, vectors: [vector(4, "abc").slice(0, -1)] }),
    ],
    [
      "two words on TLS",
      proxyBlock({ ...v4, vectors: [tlsVector(0), tlsVector(1)] }),
    ],
    [
      "half a word on TLS",
      proxyBlock({ ...v4, vectors: [vector(TYPES.SSL, "\x01\0\0\0")] }),
    ],
    [
      "a vector that goes past the end of what is said of TLS",
      proxyBlock({ ...v4, vectors: [tlsVector(1, ["\x21\0\x09TLS"])] }),
    ],
    [
      "a checksum of three bytes",
      proxyBlock({ ...v4, vectors: [vector(TYPES.CRC32C, "abc")] }),
    ],
    [
      "two checksums",
      withChecksum({ ...v4, vectors: [vector(TYPES.CRC32C, "\0\0\0\0")] }),
    ],
  ];
  for (const [why, header] of bad) {
    test(`is malformed with ${why}`, () => assertRead(header, "malformed"));
  }

  test("is malformed from the first wrong byte on", () => {
    for (let end = 0; end < SIGNATURE.length; end++) {
      assert.equal(read([`${SIGNATURE.slice(0, end)}!`]), "malformed");
    }
  });

  test("§2.2.3 is refused where any of its bytes is not that of the sum", () => {
    const vectors = [vector(TYPES.NOOP, "some bytes")];
    const header = withChecksum({ ...v4, vectors });
    const inAddresses = 16 + 3;
    const inValue = header.indexOf("some") + 2;
    for (const at of [inAddresses, inValue, header.length - 1]) {
      const other = String.fromCharCode(header.charCodeAt(at) ^ 1);
      const wrong = header.slice(0, at) + other + header.slice(at + 1);
      assertRead(wrong, "checksum");
    }
  });

  test("may have as many bytes as are allowed, and is not waited for", () => {
    const maxBytes = 300;
    const fill = maxBytes - proxyBlock(v4).length - 3;
    const sized = (bytes: number) =>
      proxyBlock({ ...v4, vectors: [vector(TYPES.NOOP, "x".repeat(bytes))] });
    assert.equal(read([sized(fill)], maxBytes), "192.0.2.1 +");
    assert.equal(read([sized(fill + 1)], maxBytes), "too_long");
    assert.equal(read([sized(fill + 1).slice(0, 16)], maxBytes), "too_long");
    const asLocal = `${head(COMMANDS.LOCAL, 0)}\xff\xff`;
    assert.equal(read([asLocal], maxBytes), "too_long");
  });

  test("may be as long as the format allows, where that is allowed", () => {
    const vectors = [vector(TYPES.NOOP, "x".repeat(65_535 - 12 - 3))];
    const header = proxyBlock({ ...v4, vectors });
    assert.equal(header.length, 16 + 65_535);
    assert.equal(read([header + REST], 16 + 65_535), `192.0.2.1 +${REST}`);
  });
});

describe("a connection", () => {
  for (const wire of ["GET / HTTP/1.1\r\n", "\0", "\x16\x03\x01", "\n", " "]) {
    test(`that begins with ${JSON.stringify(wire)} has no header`, () => {
      assert.equal(read([...wire]), "malformed");
      assert.equal(read([wire]), "malformed");
    });
  }
});
