/** Version 1 of the PROXY protocol: proxy-protocol.txt §2.1. */
import { isIPv4 } from "node:net";
import { isZonelessIpv6 } from "../../../shared/addresses/is-zoneless-ipv6.ts";
import { plainAddress } from "../../../shared/addresses/plain-address.ts";
import type { ProxyHeader, ProxyHeaderReading } from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";

const NAME = "PROXY ";
/** Including the CRLF. */
const MAX_LINE_BYTES = 107;
const PORT = /^(?:0|[1-9]\d{0,4})$/;
const MAX_PORT = 65_535;

/** @throws ProxyHeaderError as soon as the bytes are wrong */
export function readProxyV1(bytes: Buffer): ProxyHeaderReading {
  const text = bytes.toString("latin1", 0, MAX_LINE_BYTES);
  if (!NAME.startsWith(text.slice(0, NAME.length))) {
    throw malformed("the line does not begin with PROXY and a space");
  }
  const end = text.indexOf("\r\n");
  if (end >= 0) {
    const header = headerIn(text.slice(NAME.length, end));
    return { type: "complete", header, byteCount: end + 2 };
  }
  if (text.length < MAX_LINE_BYTES) {
    return { type: "incomplete", maxBytes: MAX_LINE_BYTES };
  }
  const message = `no CRLF in its first ${MAX_LINE_BYTES} bytes`;
  throw new ProxyHeaderError("too_long", message);
}

/** @param text the line without the name and the CRLF */
function headerIn(text: string): ProxyHeader {
  const [protocol, ...words] = text.split(" ");
  // §2.1: the rest of the line is ignored.
  if (protocol === "UNKNOWN") {
    return { source: { type: "peer" }, isClientEncrypted: false };
  }
  if (words.length !== 4) throw malformed("the line does not have five words");
  const [source = "", destination = "", ...ports] = words;
  const isAddress = familyOf(protocol);
  if (![source, destination].every(isAddress)) {
    throw malformed(`an address is not of the family ${protocol}`);
  }
  if (!ports.every(isPort)) throw malformed("a port is invalid");
  const address = plainAddress(source);
  if (address === undefined) throw malformed("the source address is invalid");
  return { source: { type: "address", address }, isClientEncrypted: false };
}

function familyOf(protocol: string | undefined) {
  if (protocol === "TCP4") return isIPv4;
  if (protocol === "TCP6") return isZonelessIpv6; // zones are local
  throw malformed("the protocol is not TCP4, TCP6 or UNKNOWN");
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= MAX_PORT;
}

function malformed(message: string): ProxyHeaderError {
  return new ProxyHeaderError("malformed", message);
}
