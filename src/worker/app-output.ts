/**
 * Writes the output of the app and its libraries (`console`, `process.stdout`,
 * `process.stderr`) as lines of the log. Node would put raw text between the
 * lines, and buffer it without a bound while the reader is stopped. Runs per
 * line that an app prints.
 */
import { fstatSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import {
  escapeControls,
  type LineSink,
} from "../shared/logging/line-output.ts";
import { setBlocking } from "../shared/node-internals/set-blocking.ts";

/** PIPE_BUF of Linux: longer writes may be mixed with those of others. */
const MAX_WRITE_BYTES = 4096;
/** Maximum length of a piece of a line; with its fields it fits in a write. */
const MAX_PIECE_CHARS = 3_900;
/** Longer lines are split, even those of a JSON logger. */
const MAX_LINE_CHARS = 65_536;
/** Longest time that an incomplete line waits for its end. */
const MAX_WAIT_MS = 100;

/** Levels of pino. If lines must be dropped, those of stdout go first. */
const STREAMS = {
  stdout: { level: 30, importance: "low" },
  stderr: { level: 40, importance: "normal" },
} as const;

type StreamName = keyof typeof STREAMS;

type StandardStream = NodeJS.WriteStream & { readonly fd: number };

export class AppOutput {
  readonly #streams: readonly PrintedLines[];

  /**
   * Redirects the output of this process to the sink.
   *
   * @param worker slot of the worker
   */
  constructor(sink: LineSink, worker: number) {
    const stdout = new PrintedLines("stdout", worker, sink);
    const stderr = new PrintedLines("stderr", worker, sink);
    redirect(process.stdout, stdout);
    redirect(process.stderr, stderr);
    this.#streams = [stdout, stderr];
    process.on("exit", () => this.stop());
  }

  /** Writes incomplete lines; from now on no line waits for its end. */
  stop(): void {
    for (const lines of this.#streams) lines.stop();
  }
}

/** Splits text that arrives in pieces into lines. */
class PrintedLines {
  readonly #stream: StreamName;
  readonly #worker: number;
  readonly #sink: LineSink;
  readonly #decoder = new StringDecoder("utf8");
  /** The unwritten part of the current line. */
  #partial = "";
  /** Whether a piece of the current line has been written. */
  #isBroken = false;
  #mayWait = true;
  #timer: NodeJS.Timeout | undefined;
  /** Lines that are written together. */
  #batch = "";
  #batchBytes = 0;

  constructor(stream: StreamName, worker: number, sink: LineSink) {
    this.#stream = stream;
    this.#worker = worker;
    this.#sink = sink;
  }

  add(chunk: string | Uint8Array): void {
    const [first = "", ...others] = this.#textOf(chunk).split("\n");
    this.#partial += first;
    // Only complete JSON lines pass unchanged. JSON after other text may come
    // from a client that injected a line break.
    let isOfLogger = true;
    for (const next of others) {
      isOfLogger &&= !this.#isBroken && isJsonLine(this.#partial);
      if (isOfLogger) this.#addLine(escapeControls(`${this.#partial}\n`));
      else this.#addPieces(this.#partial, false);
      this.#partial = next;
    }
    if (this.#partial.length > MAX_LINE_CHARS) this.#writePartial();
    else if (this.#partial !== "") this.#wait();
    this.#writeBatch();
  }

  stop(): void {
    this.#mayWait = false;
    this.#partial += this.#decoder.end();
    this.#writePartial();
  }

  #textOf(chunk: string | Uint8Array): string {
    if (typeof chunk !== "string") return this.#decoder.write(chunk);
    // A string cannot continue a character that bytes began.
    return this.#decoder.end() + chunk;
  }

  #wait(): void {
    if (!this.#mayWait) {
      this.#writePartial();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#writePartial();
    }, MAX_WAIT_MS).unref();
  }

  #writePartial(): void {
    if (this.#partial === "") return;
    this.#addPieces(this.#partial, true);
    this.#partial = "";
    this.#writeBatch();
  }

  /** @param isPartial whether the line continues after this text */
  #addPieces(text: string, isPartial: boolean): void {
    let rest = text;
    do {
      let end = wholeChars(rest, MAX_PIECE_CHARS);
      let line = this.#lineOf(rest, end, isPartial);
      // Escapes make the line longer.
      while (Buffer.byteLength(line) > MAX_WRITE_BYTES) {
        end = wholeChars(rest, Math.ceil(end / 2));
        line = this.#lineOf(rest, end, isPartial);
      }
      this.#addLine(line);
      rest = rest.slice(end);
    } while (rest !== "");
    this.#isBroken = isPartial;
  }

  #lineOf(text: string, end: number, isPartial: boolean): string {
    const fields = {
      level: STREAMS[this.#stream].level,
      time: Date.now(),
      pid: process.pid,
      role: "app",
      worker: this.#worker,
      stream: this.#stream,
      partial: isPartial || end < text.length || undefined,
      msg: text.slice(0, end),
    };
    return escapeControls(`${JSON.stringify(fields)}\n`);
  }

  #addLine(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#batchBytes + bytes > MAX_WRITE_BYTES) this.#writeBatch();
    this.#batch += line;
    this.#batchBytes += bytes;
  }

  #writeBatch(): void {
    if (this.#batch === "") return;
    const lines = this.#batch;
    this.#batch = "";
    this.#batchBytes = 0;
    this.#sink.write(lines, STREAMS[this.#stream].importance);
  }
}

function isJsonLine(line: string): boolean {
  if (!line.startsWith("{") || !line.endsWith("}")) return false;
  if (line.length > MAX_LINE_CHARS) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** @returns a length of at most `max` that splits no surrogate pair */
function wholeChars(text: string, max: number): number {
  if (text.length <= max) return text.length;
  return (text.codePointAt(max - 1) ?? 0) > 0xffff ? max - 1 : max;
}

/** Replaces the write methods of the stream. */
function redirect(stream: StandardStream, lines: PrintedLines): void {
  const write = stream.write.bind(stream);
  const take = (chunk: unknown, encoding: unknown): void => {
    const isOther = typeof encoding === "string" && encoding !== "utf8";
    if (typeof chunk === "string") {
      lines.add(isOther ? Buffer.from(chunk, encoding as "utf8") : chunk);
    } else if (ArrayBuffer.isView(chunk)) {
      const { buffer, byteOffset, byteLength } = chunk;
      lines.add(Buffer.from(buffer, byteOffset, byteLength));
    } else {
      write(chunk as string); // throws for an invalid chunk
    }
  };
  stream.write = (chunk: unknown, ...others: unknown[]): boolean => {
    take(chunk, others[0]);
    callLater(others);
    return true;
  };
  // Ending the stream would end the socket that all processes share.
  stream.end = (...all: unknown[]) => {
    const [chunk, encoding] = all;
    const isGiven = typeof chunk !== "function";
    if (isGiven && chunk != null) take(chunk, encoding);
    callLater(all);
    return stream;
  };
  keepBlocking(stream);
}

/** Calls the first function, as Node's streams do after a write. */
function callLater(all: readonly unknown[]): void {
  const callback = all.find((each) => typeof each === "function");
  if (typeof callback === "function") process.nextTick(() => callback());
}

/**
 * Keeps a pipe blocking. Node.js makes it non-blocking when it opens the
 * stream, for every process that has the pipe, so writes of the app's children
 * would fail.
 */
function keepBlocking(stream: StandardStream): void {
  const stats = fstatSync(stream.fd, { bigint: true });
  if (stats.isFIFO()) setBlocking(stream, true);
}
