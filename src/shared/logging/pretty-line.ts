/**
 * A line of the log for people: time, level, process, message and fields; texts
 * of several lines, such as stacks, follow below. Runs per line, on terminals.
 *
 *   12:00:01.123 ERROR worker 1  GET /a failed  errorId=6f2c
 *       TypeError: no
 *           at handler (file:///app.js:7:9)
 */
import { visibleText } from "../visible-text.ts";
import { LEVELS, type LevelName, levelName, levelNamed } from "./line-facts.ts";

export interface PrettyLineOptions {
  readonly hasColor: boolean;
  /** Lines of another day have their date. */
  readonly today?: Date;
}

type Fields = Readonly<Record<string, unknown>>;

/** Shown elsewhere in the line, or of no use to a person. */
const BASE_FIELDS = new Set(["level", "time", "pid", "role", "msg"]);
/** Field of the message in lines of other loggers. */
const OTHER_MESSAGE = "message";
const PROCESS_WIDTH = "worker 1".length;
const LEVEL_WIDTH = "ERROR".length;
const INDENT = "    ";

/** Codes of ECMA-48, Select Graphic Rendition. */
const COLORS: Readonly<Record<LevelName, string>> = {
  trace: "90",
  debug: "34",
  info: "32",
  warn: "33",
  error: "31",
  fatal: "1;31",
};
const DIM = "2";

/** A value that reads well without quotes. */
const PLAIN = /^[^\s"'=\\{}[\]]+$/;

/** @param line without its end; one that is not JSON stays as it is */
export function prettyLine(line: string, options: PrettyLineOptions): string {
  const fields = fieldsIn(line);
  if (!fields) return visibleText(line);
  const paint = painter(options.hasColor);
  const below: string[] = [];
  const beside: string[] = [];
  for (const [name, value] of Object.entries(shownFields(fields))) {
    const text = textOf(value);
    if (text.includes("\n"))
      below.push(name === "err" ? text : `${name}: ${text}`);
    else
      beside.push(`${paint(DIM, `${visibleText(name)}=`)}${visibleText(text)}`);
  }
  const [message = "", ...more] = messageOf(fields).split("\n");
  const head = [
    paint(DIM, timeText(fields.time, options.today ?? new Date())),
    levelText(fields.level, paint),
    processText(fields).padEnd(PROCESS_WIDTH),
  ].join(" ");
  const rest = beside.length > 0 ? `  ${beside.join(" ")}` : "";
  const first = `${head}  ${visibleText(message)}${rest}`.trimEnd();
  const others = [...more, ...below].flatMap((text) => text.split("\n"));
  // Indented, so that no text can pass for a line of its own.
  return [first, ...others.map((text) => `${INDENT}${visibleText(text)}`)].join(
    "\n",
  );
}

function fieldsIn(line: string): Fields | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
}

/** The fields beside the message; an error's own fields are named "err.code". */
function shownFields(fields: Fields): Fields {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const isBase = BASE_FIELDS.has(name);
    const isOwnSlot = name === "worker" && isOfWorker(fields);
    const isMessage = name === OTHER_MESSAGE && fields.msg === undefined;
    if (isBase || isOwnSlot || isMessage) continue;
    if (name !== "err" || !isError(value)) {
      shown[name] = value;
      continue;
    }
    const { type, message, stack, ...others } = value;
    for (const [key, each] of Object.entries(others)) {
      shown[`err.${key}`] = each;
    }
    shown.err = stack ?? `${type ?? "Error"}: ${message}`;
  }
  return shown;
}

interface ErrorFields extends Fields {
  readonly message: string;
}

function isError(value: unknown): value is ErrorFields {
  return typeof (value as Partial<ErrorFields> | null)?.message === "string";
}

function isOfWorker({ role }: Fields): boolean {
  return role === "worker" || role === "app";
}

function processText(fields: Fields): string {
  const { role, worker } = fields;
  if (isOfWorker(fields) && typeof worker === "number")
    return `worker ${worker}`;
  return typeof role === "string" ? visibleText(role) : "";
}

function messageOf({ msg, [OTHER_MESSAGE]: other }: Fields): string {
  const text = msg ?? other;
  return typeof text === "string" ? text : "";
}

function textOf(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return value.includes("\n") || PLAIN.test(value)
    ? value
    : JSON.stringify(value);
}

function levelText(given: unknown, paint: Paint): string {
  const level = given ?? LEVELS.info;
  const number = typeof level === "string" ? levelNamed(level) : level;
  const name = levelName(Number(number));
  const text = (name ?? String(level)).toUpperCase().padEnd(LEVEL_WIDTH);
  return name ? paint(COLORS[name], text) : visibleText(text);
}

/** "12:00:01.123", after the date if that is not today. */
function timeText(time: unknown, today: Date): string {
  const date = new Date(typeof time === "number" ? time : String(time));
  if (Number.isNaN(date.getTime())) return "--:--:--.---";
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  const text = `${clock.map(two).join(":")}.${ms}`;
  return dayText(date) === dayText(today) ? text : `${dayText(date)} ${text}`;
}

function dayText(date: Date): string {
  const month = two(date.getMonth() + 1);
  return `${date.getFullYear()}-${month}-${two(date.getDate())}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

type Paint = (code: string, text: string) => string;

function painter(hasColor: boolean): Paint {
  if (!hasColor) return (_, text) => text;
  return (code, text) => `\u001b[${code}m${text}\u001b[0m`;
}
