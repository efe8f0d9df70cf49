import fc from "fast-check";

type Fields = readonly (readonly [name: string, value: string])[];

export type MadeBody =
  | { readonly type: "none" }
  | { readonly type: "length"; readonly content: string }
  | {
      readonly type: "chunked";
      /** Data, and the text between its size and the line end. */
      readonly chunks: readonly (readonly [data: string, extension: string])[];
      readonly lastExtension: string;
      readonly trailers: Fields;
    };

/** A valid request; all text is Latin-1. */
export interface MadeRequest {
  readonly emptyLines: number;
  readonly method: string;
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly fields: Fields;
  readonly body: MadeBody;
}

export function wireOf(request: MadeRequest): string {
  const { method, target, version, fields, body } = request;
  const head = `${method} ${target} HTTP/${version}\r\n`;
  const framing = framingField(body);
  const all = framing === undefined ? fields : [...fields, framing];
  const emptyLines = "\r\n".repeat(request.emptyLines);
  return `${emptyLines}${head}${linesOf(all)}\r\n${contentOf(body)}`;
}

/** Fields with the values that a reader must return. */
export function expectedFields(request: MadeRequest): [string, string][] {
  const framing = framingField(request.body);
  return readFields(framing ? [...request.fields, framing] : request.fields);
}

export function expectedBody({ body }: MadeRequest): string {
  if (body.type === "none") return "";
  if (body.type === "length") return body.content;
  return body.chunks.map(([data]) => data).join("");
}

export function expectedTrailers({ body }: MadeRequest): [string, string][] {
  return body.type === "chunked" ? readFields(body.trailers) : [];
}

/** Whether the next request uses the same connection. */
export function keepsAlive({ version, fields }: MadeRequest): boolean {
  const [, connection] = fields.find(([name]) => name === "Connection") ?? [];
  if (version === "1.1") return connection?.trim() !== "close";
  return connection?.trim() === "keep-alive";
}

function readFields(fields: Fields): [string, string][] {
  return fields.map(([name, value]) => {
    return [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, "")];
  });
}

function framingField(body: MadeBody): [string, string] | undefined {
  if (body.type === "none") return undefined;
  if (body.type === "chunked") return ["Transfer-Encoding", "chunked"];
  return ["Content-Length", String(body.content.length)];
}

function linesOf(fields: Fields): string {
  return fields.map(([name, value]) => `${name}:${value}\r\n`).join("");
}

function contentOf(body: MadeBody): string {
  if (body.type === "none") return "";
  if (body.type === "length") return body.content;
  const chunks = body.chunks.map(([data, extension]) => {
    return `${data.length.toString(16)}${extension}\r\n${data}\r\n`;
  });
  const last = `0${body.lastExtension}\r\n${linesOf(body.trailers)}\r\n`;
  return chunks.join("") + last;
}

// --- arbitraries

const TCHARS =
  "!#$%&'*+-.^_`|~0123456789" +
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Names that the server interprets are generated elsewhere. */
const RESERVED =
  /^(?:host|connection|content-length|transfer-encoding|expect|upgrade)$/i;

const codes = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    return String.fromCharCode(from + index);
  });
const textOf = (chars: readonly string[], maxLength = 12) =>
  fc.string({ unit: fc.constantFrom(...chars), maxLength });

const token = fc.string({
  unit: fc.constantFrom(...TCHARS),
  minLength: 1,
  maxLength: 32,
});
const value = textOf(["\t", " ", ...codes(0x20, 0x7e), ...codes(0x80, 0xff)]);
function repeated(lengths: fc.Arbitrary<number>): fc.Arbitrary<string> {
  return lengths.map((length) => "x".repeat(length));
}

/** Arbitrary bytes, including delimiters of other grammars. */
const content = fc.oneof(
  { weight: 8, arbitrary: textOf(codes(0, 0xff), 40) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "0\r\n\r\n",
      "\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    ),
  },
  {
    weight: 8,
    arbitrary: repeated(fc.constantFrom(10, 16, 59, 60, 61, 255, 1_000)),
  },
  // More than a connection buffers.
  { weight: 1, arbitrary: repeated(fc.constant(70_000)) },
);

const fieldName = fc.oneof(
  token.filter((name) => !RESERVED.test(name)),
  fc.constantFrom("Accept", "__proto__", "constructor", "content_length"),
  fc.constantFrom("Content-Lengths", "Cookie", "Set-Cookie", "TE", "Trailer"),
);
const fields = fc.array(fc.tuple(fieldName, value), { maxLength: 4 });

const host = fc.constantFrom(
  " h",
  "h",
  "\texample.com:8080\t ",
  "[::1]:80",
  "127.0.0.1",
  "h:0",
  "a%20b",
  "h:",
  "h:0000080",
  "[v1.a]",
);
const pathChars = [...'!"$%&()*+,-./:;<=>?@[]^_`{|}~aZ09'];
const path = textOf(pathChars).map((text) => `/${text}`);

/** Method and target; an absolute target would also change the fields. */
const methodAndTarget = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.oneof(
        fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"),
        token.filter((method) => method !== "CONNECT"),
      ),
      path,
    ),
  },
  { weight: 1, arbitrary: fc.constant(["OPTIONS", "*"] as const) },
);

const quoted = textOf(["\\\\", '\\"', ..."a \t;=,{\xff"], 6);
const blanks = fc.constantFrom("", "", " ", "\t ");
const extension = fc
  .array(
    fc
      .tuple(
        blanks,
        token,
        blanks,
        fc.option(
          fc.oneof(
            token,
            quoted.map((text) => `"${text}"`),
          ),
        ),
        blanks,
      )
      .map(([before, name, around, given, after]) => {
        if (given === null) return `${around};${before}${name}`;
        return `${before};${after}${name}${around}=${after}${given}`;
      }),
    { maxLength: 2 },
  )
  .map((extensions) => extensions.join(""));

const chunked = fc.record({
  type: fc.constant("chunked" as const),
  chunks: fc.array(
    fc.tuple(
      content.filter((data) => data !== ""),
      extension,
    ),
    { maxLength: 4 },
  ),
  lastExtension: extension,
  trailers: fields,
});

/** Valid chunked bodies. */
export const chunkedBody: fc.Arbitrary<string> = chunked.map(contentOf);

const body: fc.Arbitrary<MadeBody> = fc.oneof(
  fc.constant({ type: "none" } as const),
  fc.record({ type: fc.constant("length" as const), content }),
  chunked,
);

const version = fc.constantFrom("1.1" as const, "1.1" as const, "1.0" as const);
const connection = fc.constantFrom(
  undefined,
  undefined,
  " keep-alive",
  "keep-alive",
  " close",
);

/** Valid requests within the default limits. */
export const madeRequest: fc.Arbitrary<MadeRequest> = fc
  .record({
    emptyLines: fc.constantFrom(0, 0, 0, 1, 4),
    methodAndTarget,
    version,
    host,
    connection,
    fields,
    body,
    expects: fc.constantFrom(false, false, false, true),
  })
  .map((made) => {
    const [method, target] = made.methodAndTarget;
    const own: [string, string][] = [["Host", made.host]];
    if (made.connection) own.push(["Connection", made.connection]);
    if (made.expects) own.push(["Expect", " 100-Continue"]);
    const isChunked10 = made.version === "1.0" && made.body.type === "chunked";
    return {
      emptyLines: made.emptyLines,
      method,
      target,
      version: made.version,
      fields: [...made.fields, ...own],
      body: isChunked10 ? ({ type: "none" } as const) : made.body,
    };
  });

/** Requests that all keep the connection, except the last one. */
export const madePipeline = fc
  .array(madeRequest, { minLength: 1, maxLength: 4 })
  .map((requests) => {
    const end = requests.findIndex((request) => !keepsAlive(request));
    return end < 0 ? requests : requests.slice(0, end + 1);
  });
