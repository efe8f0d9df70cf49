/**
 * What a head says, once all of it is there and follows the grammar. Runs per
 * request: the fields stay one text until somebody asks for them.
 */
import { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { HeadPlaces } from "./head-offsets.ts";
import type { KnownFields } from "./known-fields.ts";
import { methodText } from "./method-text.ts";
import type { RequestHead } from "./request-head.ts";
import { resolveTarget } from "./request-target.ts";
import { TextWindow } from "./text-window.ts";

const SLASH = 0x2f;

export class HeadMaker {
  readonly #known: KnownFields;
  readonly #window = new TextWindow();

  constructor(known: KnownFields) {
    this.#known = known;
  }

  /** The bytes that come next are others, even if they lie where these did. */
  forgetBytes(): void {
    this.#window.forget();
  }

  /**
   * @param places of a head that `known` has seen the fields of
   * @throws ProtocolError
   */
  make(bytes: Buffer, places: HeadPlaces): RequestHead {
    const { isHttp10, methodEnd, targetEnd, fieldsStart } = places;
    const method = methodText(bytes, places.lineStart, methodEnd);
    const text = this.#text(bytes, places);
    const offset = this.#window.start;
    const sent = text.slice(methodEnd + 1 - offset, targetEnd - offset);
    const headers = HttpHeaders.fromCheckedLines(
      text,
      fieldsStart - offset,
      places.end - 2 - offset,
    );
    const target = resolved(method, sent, headers);
    const known = this.#known;
    known.checkHost(isHttp10);
    const framing = known.framing(isHttp10);
    return {
      method,
      target,
      rawTarget: sent,
      httpVersion: isHttp10 ? "1.0" : "1.1",
      headers,
      framing,
      keepsAlive: known.keepsAlive(isHttp10),
      expectsContinue: known.expectsContinue(isHttp10),
      upgrades: known.upgrades(isHttp10, framing !== 0),
    };
  }

  /** From the target on; where a body follows, only the head is made into text. */
  #text(bytes: Buffer, { methodEnd, end }: HeadPlaces): string {
    const window = this.#window;
    return this.#known.saysBody
      ? window.readOnly(bytes, methodEnd + 1, end)
      : window.read(bytes, methodEnd + 1, end);
  }
}

function resolved(method: string, sent: string, headers: HttpHeaders): string {
  if (sent.charCodeAt(0) === SLASH && method !== "CONNECT") return sent;
  const { target, authority } = resolveTarget(method, sent);
  // RFC 9112 §3.2.2: the target's authority replaces what Host said.
  if (authority !== undefined) headers.set("Host", authority);
  return target;
}
