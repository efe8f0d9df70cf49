/** Runs per request: no promise and no closure for a synchronous answer. */
import type { Answer } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";

/** Applies `change` to an answer, synchronously if the answer is a value. */
export function afterAnswer(
  answer: Answer,
  request: HttpRequest,
  change: (response: HttpResponse, request: HttpRequest) => Answer,
): Answer {
  if (answer instanceof HttpResponse) return change(answer, request);
  return Promise.resolve(answer).then((response) => change(response, request));
}
