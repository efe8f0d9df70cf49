import {
  BACKSLASH,
  EQUALS,
  HTAB,
  IS_FIELD_VALUE,
  IS_TOKEN,
  QUOTE,
  SEMICOLON,
  SP,
} from "../bytes.ts";
import { ProtocolError } from "../protocol-error.ts";

/**
 * The grammar of chunk extensions (RFC 9112 §7.1.1). They are checked and
 * ignored.
 *
 *   *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
 */
type State =
  | "beforeFirst"
  | "beforeName"
  | "name"
  | "afterName"
  | "beforeValue"
  | "value"
  | "quoted"
  | "escaped"
  | "quotedEnd"
  | "afterValue";

export class ChunkExtension {
  #state: State = "beforeName";

  /** @param byte the first after the chunk size. @throws ProtocolError 400 */
  begin(byte: number): void {
    this.#state = beforeFirst(byte);
  }

  /** Whether the line may end after the bytes so far. */
  get canEnd(): boolean {
    const state = this.#state;
    return state === "name" || state === "value" || state === "quotedEnd";
  }

  /** @throws ProtocolError 400 */
  onByte(byte: number): void {
    this.#state = this.#next(byte);
  }

  #next(byte: number): State {
    switch (this.#state) {
      case "beforeFirst":
        return beforeFirst(byte);
      case "beforeName":
        if (isBlank(byte)) return "beforeName";
        if (IS_TOKEN[byte]) return "name";
        return refuse();
      case "name":
        if (IS_TOKEN[byte]) return "name";
        return afterName(byte);
      case "afterName":
        return afterName(byte);
      case "beforeValue":
        if (isBlank(byte)) return "beforeValue";
        if (byte === QUOTE) return "quoted";
        if (IS_TOKEN[byte]) return "value";
        return refuse();
      case "value":
        if (IS_TOKEN[byte]) return "value";
        return afterValue(byte);
      case "quoted":
        if (byte === QUOTE) return "quotedEnd";
        if (byte === BACKSLASH) return "escaped";
        return IS_FIELD_VALUE[byte] ? "quoted" : refuse();
      case "escaped":
        return IS_FIELD_VALUE[byte] ? "quoted" : refuse();
      case "quotedEnd":
      case "afterValue":
        return afterValue(byte);
    }
  }
}

/** RFC 9110 §5.6.3: bad whitespace must be accepted. */
function beforeFirst(byte: number): State {
  if (isBlank(byte)) return "beforeFirst";
  return byte === SEMICOLON ? "beforeName" : refuse();
}

function afterName(byte: number): State {
  if (isBlank(byte)) return "afterName";
  if (byte === EQUALS) return "beforeValue";
  if (byte === SEMICOLON) return "beforeName";
  return refuse();
}

function afterValue(byte: number): State {
  if (isBlank(byte)) return "afterValue";
  return byte === SEMICOLON ? "beforeName" : refuse();
}

function refuse(): never {
  throw new ProtocolError(400, "chunk", "an invalid chunk extension");
}

/** Whether a byte after a chunk size may begin an extension. */
export function beginsExtension(byte: number): boolean {
  return byte === SEMICOLON || isBlank(byte);
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}
