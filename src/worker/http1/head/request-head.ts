import type { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { HttpVersion } from "../../http/http-request.ts";
import type { BodyFraming } from "../framing.ts";

/** The head of a request, checked, with what the connection must know. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** As it was sent: a URI may have been. */
  readonly rawTarget: string;
  readonly httpVersion: HttpVersion;
  readonly headers: HttpHeaders;
  readonly framing: BodyFraming;
  /** Whether the client allows another request after this one. */
  readonly keepsAlive: boolean;
  readonly expectsContinue: boolean;
  /** Protocols that the client would switch to, in lower case. */
  readonly upgrades: readonly string[];
}
