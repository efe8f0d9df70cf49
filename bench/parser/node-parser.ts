import { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import {
  type ParserSubject,
  type Task,
  WANTED_FIELDS,
} from "./parser-subject.ts";

/** Of `node:_http_common`, which has no types; name, value, name, value, … */
type RawFields = string[];

interface NativeParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | Error;
  [callback: number]: (...args: never[]) => unknown;
}

interface NativeParserClass {
  new (): NativeParser;
  readonly REQUEST: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const require = createRequire(import.meta.url);
const { HTTPParser } = require("node:_http_common") as {
  HTTPParser: NativeParserClass;
};

/** The parser of `node:http`, with callbacks as `node:http` sets them. */
export const nodeParser: ParserSubject = {
  name: "HTTPParser",
  connect: (task) => {
    const sizeOfFields = SIZE_OF_FIELDS[task];
    let size = 0;
    let isWhole = false;
    const parser = parserFor((target, fields) => {
      size = target.length + sizeOfFields(fields);
    });
    parser[HTTPParser.kOnMessageComplete] = () => {
      isWhole = true;
    };
    return (bytes) => {
      isWhole = false;
      const result = parser.execute(bytes);
      if (result !== bytes.length || !isWhole) {
        throw new Error("the head is not whole", { cause: result });
      }
      return size;
    };
  },
};

function parserFor(
  onHead: (target: string, fields: RawFields) => void,
): NativeParser {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {});
  // Of more than 32 fields it gives some before the head is complete.
  let early: RawFields = [];
  let earlyTarget = "";
  parser[HTTPParser.kOnHeaders] = (fields: RawFields, target: string) => {
    early.push(...fields);
    earlyTarget += target;
  };
  parser[HTTPParser.kOnHeadersComplete] = (
    _majorVersion: number,
    _minorVersion: number,
    fields: RawFields | undefined,
    _method: number,
    target: string | undefined,
  ) => {
    onHead(target ?? earlyTarget, fields ?? early);
    if (early.length > 0) early = [];
    earlyTarget = "";
    return 0;
  };
  parser[HTTPParser.kOnBody] = () => {};
  return parser;
}

type FieldRecord = Record<string, string>;

interface FieldAdder {
  /** What the getter `headers` of a request calls for each field. */
  _addHeaderLine(name: string, value: string, to: FieldRecord): void;
}

const message: FieldAdder = new IncomingMessage(
  undefined as never,
) as unknown as FieldAdder;

const SIZE_OF_FIELDS: Record<Task, (fields: RawFields) => number> = {
  head: () => 0,
  "two fields": (fields) => {
    const headers: FieldRecord = {};
    for (let at = 0; at < fields.length; at += 2) {
      const [name, value] = [fields[at] as string, fields[at + 1] as string];
      message._addHeaderLine(name, value, headers);
    }
    let size = 0;
    for (const name of WANTED_FIELDS) size += headers[name]?.length ?? 0;
    return size;
  },
  "all fields": (fields) => {
    let size = 0;
    for (const text of fields) size += text.length;
    return size;
  },
};
