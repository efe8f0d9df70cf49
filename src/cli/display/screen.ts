import type { ReadStream, WriteStream } from "node:tty";
import { visibleText } from "../../shared/visible-text.ts";

type Input = Pick<NodeJS.ReadStream, "on" | "off" | "pause" | "resume"> &
  Partial<Pick<ReadStream, "isTTY" | "setRawMode">>;
type Output = Pick<NodeJS.WriteStream, "on" | "off" | "write"> &
  Partial<Pick<WriteStream, "isTTY" | "rows" | "columns">>;

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const REST_OF_LINE = "\x1b[K";
const REST_OF_SCREEN = "\x1b[J";
/** The last two are Ctrl-C and Ctrl-D. */
const END_KEYS = ["q", "Q", "\x03", "\x04"];
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Shows texts in turn: in the same place on a terminal, else one below the
 * other.
 */
export class Screen {
  /** Input and output are a terminal. */
  readonly isLive: boolean;
  readonly #input: Input;
  readonly #output: Output;
  #hasShown = false;
  #hasEnded = false;
  #onEnd: () => void = () => {};

  private constructor(input: Input, output: Output) {
    this.#input = input;
    this.#output = output;
    this.isLive = input.isTTY === true && output.isTTY === true;
  }

  static open(input: Input, output: Output): Screen {
    const screen = new Screen(input, output);
    // The reader of the output is gone.
    output.on("error", screen.#end);
    if (screen.isLive) screen.#enter();
    return screen;
  }

  /** Width of the terminal; other outputs have room for any line. */
  get columns(): number {
    if (!this.isLive) return Number.POSITIVE_INFINITY;
    return this.#output.columns ?? DEFAULT_COLUMNS;
  }

  show(given: string): void {
    const text = visibleText(given);
    if (!this.isLive) {
      this.#output.write(this.#hasShown ? `\n${text}` : text);
      this.#hasShown = true;
      return;
    }
    const { rows = DEFAULT_ROWS } = this.#output;
    const { columns } = this;
    const lines = text
      .trimEnd()
      .split("\n")
      .slice(0, rows - 1);
    const drawn = lines.map((line) => {
      return `${line.slice(0, columns)}${REST_OF_LINE}\r\n`;
    });
    this.#output.write(HOME + drawn.join("") + REST_OF_SCREEN);
  }

  /** Resolves after that time; at once, with true, when the user quits. */
  endsWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#hasEnded) return resolve(true);
      const timer = setTimeout(() => resolve(false), ms);
      this.#onEnd = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  close(): void {
    this.#output.off("error", this.#end);
    if (!this.isLive) return;
    for (const signal of END_SIGNALS) process.off(signal, this.#end);
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#end);
    this.#input.setRawMode?.(false);
    this.#input.pause();
    this.#output.write(LEAVE);
  }

  #enter(): void {
    for (const signal of END_SIGNALS) process.on(signal, this.#end);
    this.#input.setRawMode?.(true);
    this.#input.on("data", this.#onData);
    this.#input.on("end", this.#end);
    this.#input.resume();
    this.#output.write(ENTER);
  }

  readonly #onData = (keys: Buffer): void => {
    const typed = keys.toString("latin1");
    if (END_KEYS.some((key) => typed.includes(key))) this.#end();
  };

  readonly #end = (): void => {
    this.#hasEnded = true;
    this.#onEnd();
  };
}
