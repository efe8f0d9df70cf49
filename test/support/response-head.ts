import { MalformedResponse } from "./malformed-response.ts";

export interface ResponseHead {
  readonly version: "1.0" | "1.1";
  readonly status: number;
  readonly reason: string;
  /** Names and values as sent, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** By lower-case name; repeated fields are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
}

export type BodyFraming =
  | { readonly type: "none" }
  | { readonly type: "length"; readonly bytes: number }
  | { readonly type: "chunked" }
  | { readonly type: "untilEnd" };

const STATUS_LINE = /^HTTP\/(1\.[01]) (\d{3}) ([\t -~\x80-\xff]*)$/;
const FIELD_LINE = /^([\w!#$%&'*+.^`|~-]+):[\t ]*([\t -~\x80-\xff]*)$/;

/** Parses the status line and fields; `text` excludes the blank line. */
export function parseResponseHead(text: string): ResponseHead {
  const [statusLine = "", ...fieldLines] = text.split("\r\n");
  const [, version, status, reason] = STATUS_LINE.exec(statusLine) ?? [];
  if (version === undefined) {
    throw new MalformedResponse(`status line ${JSON.stringify(statusLine)}`);
  }
  const fields = parseFields(fieldLines);
  return {
    version: version as ResponseHead["version"],
    status: Number(status),
    reason: reason ?? "",
    fields,
    headers: joinFields(fields),
  };
}

export function parseFields(lines: readonly string[]): ResponseHead["fields"] {
  return lines.map((line) => {
    const [, name, value] = FIELD_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new MalformedResponse(`field line ${JSON.stringify(line)}`);
    }
    return [name, value.replace(/[\t ]+$/, "")] as const;
  });
}

/** RFC 9112 §6.3; what a server must not send is an error. */
export function bodyFraming(head: ResponseHead, method: string): BodyFraming {
  const declared = declaredFraming(head);
  if (head.status < 200 || head.status === 204) {
    if (declared.type !== "untilEnd") {
      // RFC 9110 §8.6, RFC 9112 §6.1
      throw new MalformedResponse(`${head.status} that declares a body`);
    }
    return { type: "none" };
  }
  const hasNoBody = method === "HEAD" || head.status === 304;
  return hasNoBody ? { type: "none" } : declared;
}

/** Whether no further request may follow on the connection. */
export function saysClose(head: ResponseHead): boolean {
  const options = (head.headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((option) => option.trim());
  if (options.includes("close")) return true;
  return head.version === "1.0" && !options.includes("keep-alive");
}

function declaredFraming(head: ResponseHead): BodyFraming {
  const coding = head.headers["transfer-encoding"];
  const length = head.headers["content-length"];
  if (coding !== undefined) {
    if (length !== undefined) throw new MalformedResponse("both body lengths");
    if (coding.toLowerCase() !== "chunked" || head.version === "1.0") {
      throw new MalformedResponse(`transfer-encoding ${coding}`);
    }
    return { type: "chunked" };
  }
  if (length === undefined) return { type: "untilEnd" };
  // A repeated field was joined to "2, 2", which does not match.
  if (!/^\d{1,15}$/.test(length)) {
    throw new MalformedResponse(`content-length ${length}`);
  }
  return { type: "length", bytes: Number(length) };
}

function joinFields(fields: ResponseHead["fields"]): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const before = joined[key];
    joined[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return joined;
}
