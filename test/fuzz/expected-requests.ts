import type { ReferenceHead } from "../support/reference-head.ts";
import type { ReferenceReading } from "../support/reference-reader.ts";
import type { SeenRequest } from "./play.ts";

/**
 * Requests as handlers see them; the last one has no body if the body is
 * incomplete or refused.
 */
export function expectedRequests(reading: ReferenceReading): SeenRequest[] {
  const { requests, end } = reading;
  const whole = requests.map((request) => {
    const { body, trailers } = request;
    return { ...headOf(request), body, trailers };
  });
  const open = "head" in end ? end.head : undefined;
  return open ? [...whole, headOf(open)] : whole;
}

/** Sorts fields, so that the order does not depend on the source of Host. */
export function inOrder(request: SeenRequest): SeenRequest {
  return { ...request, fields: sorted(request.fields) };
}

function headOf(head: ReferenceHead): SeenRequest {
  const { method, target, version, fields, upgrades } = head;
  return { method, target, version, fields: sorted(fields), upgrades };
}

/** Sorts by name; lines of one name keep their order. */
function sorted(fields: SeenRequest["fields"]): SeenRequest["fields"] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}
