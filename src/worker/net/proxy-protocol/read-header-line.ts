/** Version 1 of the PROXY protocol: proxy-protocol.txt §2.1. */
import { isIPv4 } from "node:net";
import { isZonelessIpv6 } from "../../../shared/addresses/is-zoneless-ipv6.ts";
import { plainAddress } from "../../../shared/addresses/plain-address.ts";
import type { ProxyHeader } from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";
import type { ProxyHeaderReading } from "./proxy-header-reading.ts";

const NAME = "PROXY ";
/** With the CRLF. */
const MAX_LINE_BYTES = 107;
const PORT = /^(?:0|[1-9]\d{0,4})$/;
const MAX_PORT = 65_535;

/** @throws ProxyHeaderError as soon as the bytes are wrong */
export function readHeaderLine(bytes: Buffer): ProxyHeaderReading {
  const text = bytes.toString("latin1", 0, MAX_LINE_BYTES);
  if (!NAME.startsWith(text.slice(0, NAME.length))) {
    throw malformed("it does not begin with PROXY and a space");
  }
  const end = text.indexOf("\r\n");
  if (end >= 0) {
    const header = headerIn(text.slice(NAME.length, end));
    return { type: "whole", header, byteCount: end + 2 };
  }
  if (text.length < MAX_LINE_BYTES) {
    return { type: "incomplete", mostBytes: MAX_LINE_BYTES };
  }
  const message = `no CRLF in its first ${MAX_LINE_BYTES} bytes`;
  throw new ProxyHeaderError("too_long", message);
}

/** @param text what is between the name and the end of the line */
function headerIn(text: string): ProxyHeader {
  const [protocol, ...words] = text.split(" ");
  // Whatever follows is to be passed over.
  if (protocol === "UNKNOWN") {
    return { source: { type: "peer" }, isClientEncrypted: false };
  }
  if (words.length !== 4) throw malformed("it has not five words");
  const [source = "", destination = "", ...ports] = words;
  const isAddress = familyOf(protocol);
  if (![source, destination].every(isAddress)) {
    throw malformed(`it has what is no address of ${protocol}`);
  }
  if (!ports.every(isPort)) throw malformed("it has what is no port");
  const address = plainAddress(source);
  if (address === undefined) throw malformed("its source is no address");
  return { source: { type: "address", address }, isClientEncrypted: false };
}

function familyOf(protocol: string | undefined) {
  if (protocol === "TCP4") return isIPv4;
  if (protocol === "TCP6") return isZonelessIpv6; // a zone means nothing elsewhere
  throw malformed("its protocol is none of TCP4, TCP6, UNKNOWN");
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= MAX_PORT;
}

function malformed(message: string): ProxyHeaderError {
  return new ProxyHeaderError("malformed", message);
}
