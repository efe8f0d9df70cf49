import { isHost } from "../../http/fields/is-host.ts";
import { COLON, DIGIT_0, endOfRun, IS_USUAL_HOST } from "../bytes.ts";
import { ProtocolError } from "../protocol-error.ts";

const MAX_PORT = 65_535;

/**
 * Whether the bytes are a registered name or an IPv4 address with an optional
 * port. Runs per request and makes no string; all other hosts take `checkHost`.
 */
export function isUsualHost(
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  const nameEnd = endOfRun(bytes, start, end, IS_USUAL_HOST);
  if (nameEnd === start) return false;
  if (nameEnd === end) return true;
  return bytes[nameEnd] === COLON && isPort(bytes, nameEnd + 1, end);
}

/** RFC 3986 §3.2.3: a port may be empty and may have leading zeros. */
function isPort(bytes: Buffer, start: number, end: number): boolean {
  let port = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - DIGIT_0;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > MAX_PORT) return false;
  }
  return true;
}

/** @throws ProtocolError 400 unless `host` is one host with an optional port */
export function checkHost(host: string): string {
  if (!isHost(host)) {
    throw new ProtocolError(400, "host", "an invalid Host");
  }
  return host;
}
