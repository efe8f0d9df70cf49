/** The response violates the grammar or framing of HTTP/1.1. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}
