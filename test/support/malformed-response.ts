/** The bytes of a response break the grammar or the framing of HTTP/1.1. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}
