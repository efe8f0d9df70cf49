/** Runs per event. */

/** An event of a `text/event-stream`; every property is optional. */
export interface ServerSentEvent {
  /** A string of any number of lines; other values are sent as JSON. */
  readonly data?: unknown;
  /** The event type. Default: "message". */
  readonly event?: string;
  /** Sent back as `Last-Event-ID` when the client reconnects. */
  readonly id?: string;
  /** Delay before the client reconnects, in milliseconds. */
  readonly retry?: number;
  /** Visible in the stream only; clients ignore it. */
  readonly comment?: string;
}

const LINE_END = /\r\n|\r|\n/;

/**
 * Encodes an event; see
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param event a string is the data of an event
 * @throws TypeError for a type or an id of several lines, an id with NUL, an
 * invalid delay, data without a JSON form, and an event without properties
 */
export function encodeEvent(event: ServerSentEvent | string): string {
  if (typeof event === "string") return `${lines("data: ", event)}\n`;
  let text = "";
  if (event?.comment !== undefined) text += lines(": ", event.comment);
  if (event?.event !== undefined) text += oneLine("event", event.event);
  if (event?.id !== undefined) text += oneLine("id", event.id);
  if (event?.retry !== undefined) text += `retry: ${checkedMs(event.retry)}\n`;
  if (event?.data !== undefined) text += lines("data: ", dataText(event.data));
  if (text !== "") return `${text}\n`;
  throw new TypeError(
    "an event is a text, or has data, event, id, retry or comment",
  );
}

function lines(prefix: string, text: string): string {
  if (!/[\r\n]/.test(text)) return `${prefix}${text}\n`;
  const all = text.split(LINE_END).map((line) => `${prefix}${line}\n`);
  return all.join("");
}

function oneLine(name: "event" | "id", value: string): string {
  // Clients ignore an id with NUL.
  if (!/[\r\n\0]/.test(value)) return `${name}: ${value}\n`;
  const text = JSON.stringify(value);
  throw new TypeError(`an event's ${name} has no CR, LF or NUL: ${text}`);
}

function checkedMs(retry: number): number {
  if (Number.isSafeInteger(retry) && retry >= 0) return retry;
  throw new TypeError(`an event's retry is in whole milliseconds: ${retry}`);
}

function dataText(data: unknown): string {
  if (typeof data === "string") return data;
  const json = JSON.stringify(data);
  if (json !== undefined) return json;
  throw new TypeError(`a ${typeof data} has no JSON form`);
}
