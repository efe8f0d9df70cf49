import { type HeadersInit, HttpHeaders } from "./http-headers.ts";
import { isToken } from "./is-token.ts";

/** The fields of a trailer section. */
export type TrailerFields = HttpHeaders | HeadersInit;

/** The source of a response's trailer fields. */
export interface ResponseTrailers {
  /**
   * Called once when all content has been sent; not if the message cannot have
   * trailers.
   */
  fields(): HttpHeaders | Promise<HttpHeaders>;
}

/**
 * Fields that a recipient needs before the content, or must not accept in a
 * trailer section: framing, routing, request modifiers, authentication,
 * response control, content format (RFC 9110 §6.5.1).
 */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  ...["content-length", "transfer-encoding", "trailer", "te", "host"],
  ...["connection", "keep-alive", "proxy-connection", "upgrade"],
  ...["cache-control", "expect", "max-forwards", "pragma", "range"],
  ...["if-match", "if-none-match", "if-modified-since"],
  ...["if-unmodified-since", "if-range"],
  ...["authorization", "www-authenticate", "authentication-info"],
  ...["proxy-authenticate", "proxy-authorization"],
  ...["proxy-authentication-info", "cookie", "set-cookie"],
  ...["age", "date", "expires", "location", "retry-after", "vary", "warning"],
  ...["content-encoding", "content-type", "content-range"],
]);

/** Whether a trailer field may have that name. */
export function mayBeTrailer(name: string): boolean {
  return isToken(name) && !NOT_IN_TRAILERS.has(name.toLowerCase());
}

/** Trailers whose names the head announces. */
export class AnnouncedTrailers implements ResponseTrailers {
  readonly #names: ReadonlySet<string>;
  readonly #make: () => TrailerFields | Promise<TrailerFields>;

  /** @throws TypeError for an empty list, or a name no trailer may have */
  constructor(
    names: readonly string[],
    make: () => TrailerFields | Promise<TrailerFields>,
  ) {
    const wrong = names.find((name) => !mayBeTrailer(name));
    if (wrong !== undefined || names.length === 0) {
      const what = wrong === undefined ? "no name" : JSON.stringify(wrong);
      throw new TypeError(`no trailer has ${what} (RFC 9110 §6.5.1)`);
    }
    this.#names = new Set(names.map((name) => name.toLowerCase()));
    this.#make = make;
  }

  /** @throws TypeError for fields that were not announced */
  async fields(): Promise<HttpHeaders> {
    const fields = new HttpHeaders(await this.#make());
    for (const [name] of fields) {
      if (this.#names.has(name)) continue;
      throw new TypeError(`the trailer ${name} was not announced`);
    }
    return fields;
  }
}
