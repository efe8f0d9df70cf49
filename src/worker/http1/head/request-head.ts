import type { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { HttpVersion } from "../../http/http-request.ts";
import type { BodyFraming } from "../framing.ts";

/** A valid head of a request. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** As it was sent, also in absolute form. */
  readonly rawTarget: string;
  readonly httpVersion: HttpVersion;
  readonly headers: HttpHeaders;
  readonly framing: BodyFraming;
  /** Whether the client allows another request after this one. */
  readonly keepsAlive: boolean;
  readonly expectsContinue: boolean;
  /** Protocols that the client offers to switch to, in lower case. */
  readonly upgrades: readonly string[];
}

/** The bytes of a head that means the same. */
export function encodeHead(head: RequestHead): Buffer {
  let text = `${head.method} ${head.rawTarget} HTTP/${head.httpVersion}\r\n`;
  head.headers.forEachLine((name, value) => {
    text += `${name}: ${value}\r\n`;
  });
  return Buffer.from(`${text}\r\n`, "latin1");
}
