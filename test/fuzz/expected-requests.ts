import type { ReferenceHead } from "../support/reference-head.ts";
import type { ReferenceReading } from "../support/reference-reader.ts";
import type { SeenRequest } from "./play.ts";

/**
 * What handlers see of a stream; the last one has no body where that is not
 * whole or is refused.
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

/** With fields in an order that does not depend on whose Host it is. */
export function inOrder(request: SeenRequest): SeenRequest {
  return { ...request, fields: sorted(request.fields) };
}

function headOf(head: ReferenceHead): SeenRequest {
  const { method, target, version, fields, upgrades } = head;
  return { method, target, version, fields: sorted(fields), upgrades };
}

/** By name; lines of one name stay in their order. */
function sorted(fields: SeenRequest["fields"]): SeenRequest["fields"] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}
