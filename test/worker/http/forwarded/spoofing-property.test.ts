import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HttpHeaders } from "../../../../src/worker/http/fields/http-headers.ts";
import { Origins } from "../../../../src/worker/http/forwarded/origins.ts";

// A chain of proxies of which each does what real ones do, and a client before
// it that sends anything. What it sends must change nothing.

const TRUSTED = ["10.0.0.0/8", "2001:db8:1::/48"];
const X_FIELDS = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

const proxyAddress = fc.oneof(
  fc.nat({ max: 0xffffff }).map((n) => v4(0x0a000000 + n)),
  fc.nat({ max: 0xffff }).map((n) => `2001:db8:1::${n.toString(16)}`),
);
const clientAddress = fc.oneof(
  fc.nat({ max: 0xffff }).map((n) => v4(0xc6330000 + n)),
  fc
    .tuple(fc.nat({ max: 0xffff }), fc.nat({ max: 0xffff }))
    .map(([a, b]) => `2001:DB8:2:${a.toString(16)}::${b.toString(16)}`),
);

/** What one proxy knows, and how it writes it. */
const hop = fc.record({
  /** Its own, as the next one sees it. */
  address: proxyAddress,
  proto: fc.constantFrom("http", "https", "HTTPS"),
  host: fc.constantFrom("a.example", "b.example:8443", "[2001:db8::1]:80"),
  form: fc.constantFrom("bare", "port", "brackets"),
  /** A line of its own, or at the end of the last one. */
  ownLine: fc.boolean(),
  /** Whether what was there of -Proto and -Host is replaced. */
  replaces: fc.boolean(),
});
type Hop = typeof hop extends fc.Arbitrary<infer Value> ? Value : never;

const chains = fc.record({
  client: clientAddress,
  hops: fc.array(hop, { minLength: 1, maxLength: 5 }),
});

const node = fc.oneof(
  proxyAddress,
  clientAddress,
  fc.constantFrom("unknown", "_x", "unix", "", "127.0.0.1", "::1", '"', "\\"),
);
const spoofedText = fc.oneof(
  fc.array(node).map((nodes) => nodes.join(",")),
  fc.array(node.map((each) => `for="${each}";proto=https;host=e`)).map(String),
  fc.string({ unit: fc.constantFrom(...'",;=\\ []:.10afor\t') }),
  fc.constantFrom("https", "http", "evil.example", 'for="', 'x="\\', "for=x;"),
);
/** Lines of one field, as the client has sent them. */
const spoofs = fc.array(spoofedText, { maxLength: 3 });

describe("whatever a client sends", () => {
  it("in X-Forwarded-For, -Proto and -Host, it changes nothing", () => {
    const origins = new Origins({
      trustProxy: TRUSTED,
      forwardedFields: X_FIELDS,
    });
    const property = fc.property(
      ...[chains, spoofs, spoofs, spoofs],
      (chain, nodes, protos, hosts) => {
        const spoofed = ask(origins, chain, (hops) => ({
          "X-Forwarded-For": appended(nodes, hops, (each, from) =>
            formed(from, each.form),
          ),
          "X-Forwarded-Proto": replacedOrAppended(protos, hops, "proto"),
          "X-Forwarded-Host": replacedOrAppended(hosts, hops, "host"),
        }));
        const honest = ask(origins, chain, (hops) => ({
          "X-Forwarded-For": appended([], hops, (each, from) =>
            formed(from, each.form),
          ),
          "X-Forwarded-Proto": replacedOrAppended([], hops, "proto"),
          "X-Forwarded-Host": replacedOrAppended([], hops, "host"),
        }));
        assert.deepEqual(spoofed, honest);
        assert.equal(honest.remoteAddress, plain(chain.client));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it("in Forwarded, it changes nothing", () => {
    const origins = new Origins({
      trustProxy: TRUSTED,
      forwardedFields: ["Forwarded"],
    });
    const property = fc.property(chains, spoofs, (chain, lines) => {
      const [outermost] = chain.hops as [Hop];
      const told = ask(origins, chain, (hops) => ({
        Forwarded: appended(lines, hops, element),
      }));
      assert.deepEqual(told, {
        remoteAddress: plain(chain.client),
        protocol: outermost.proto.toLowerCase(),
        host: outermost.host,
      });
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

interface From {
  readonly hop: Hop;
  /** Who has connected to it. */
  readonly address: string;
}

function ask(
  origins: Origins,
  { client, hops }: { client: string; hops: readonly Hop[] },
  fieldsOf: (hops: readonly From[]) => Record<string, readonly string[]>,
) {
  const seen = hops.map((each, at) => ({
    hop: each,
    address: hops[at - 1]?.address ?? client,
  }));
  const peer = plain((hops.at(-1) as Hop).address);
  const headers = new HttpHeaders(fieldsOf(seen));
  const found = origins.of(peer, "http").clientOf({ headers });
  const { remoteAddress, protocol, host } = found;
  return { remoteAddress, protocol, host };
}

/** The lines of a list to which each hop appends. */
function appended(
  lines: readonly string[],
  hops: readonly From[],
  entryOf: (hop: Hop, from: string) => string,
): string[] {
  const written = [...lines];
  for (const { hop: each, address } of hops) {
    append(written, entryOf(each, address), each.ownLine);
  }
  return written;
}

function replacedOrAppended(
  lines: readonly string[],
  hops: readonly From[],
  what: "proto" | "host",
): string[] {
  let written = [...lines];
  for (const { hop: each } of hops) {
    if (each.replaces) written = [each[what]];
    else append(written, each[what], each.ownLine);
  }
  return written;
}

function append(lines: string[], entry: string, ownLine: boolean): void {
  const last = lines.pop();
  if (last === undefined) lines.push(entry);
  else if (ownLine) lines.push(last, entry);
  else lines.push(`${last}, ${entry}`);
}

function element({ proto, host, form, address }: Hop, from: string): string {
  const by = `by="[${address}]"`; // not read
  return `${by};for="${formed(from, form, true)}";proto=${proto};host="${host}"`;
}

function formed(
  address: string,
  form: Hop["form"],
  needsBrackets = false,
): string {
  const isV6 = address.includes(":");
  if (!isV6) return form === "port" ? `${address}:4711` : address;
  if (form === "bare" && !needsBrackets) return address;
  return form === "port" ? `[${address}]:4711` : `[${address}]`;
}

function v4(address: number): string {
  const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255);
  return bytes.join(".");
}

/** By another way than the code that is tested. */
function plain(address: string): string {
  if (!address.includes(":")) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
