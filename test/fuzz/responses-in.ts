import {
  type ReceivedResponse,
  ResponseReader,
} from "../support/response-reader.ts";

const LAST_CONTINUE = /HTTP\/1\.1 100 Continue\r\n\r\n$/;

/**
 * Parses all responses of a server strictly, without a final 100 that nothing
 * follows.
 *
 * @param methods of the requests; a refused request has none, and its response
 * is the last
 * @throws MalformedResponse
 */
export function responsesIn(sent: string, methods: readonly string[]) {
  const reader = new ResponseReader();
  reader.push(Buffer.from(sent.replace(LAST_CONTINUE, ""), "latin1"));
  reader.end();
  const responses: ReceivedResponse[] = [];
  const lastMethod = sent.endsWith("\r\n\r\n") ? "HEAD" : "GET";
  for (;;) {
    const response = reader.next(methods[responses.length] ?? lastMethod);
    if (!response) return { responses, isPartial: reader.isPartial };
    responses.push(response);
  }
}
