/**
 * Sends the state of the service to systemd by the program `systemd-notify`,
 * because Node has no unix datagram sockets.
 *
 * Only one process runs at a time, so that messages arrive in order; each has a
 * time-out, and the master never waits for one. The program exits when systemd
 * has read the message; if it exited earlier, systemd could not determine its
 * service.
 */
import { type ChildProcess, execFile } from "node:child_process";
import type { Logger } from "../../shared/logging/logger.ts";

export interface SystemdNotifierOptions {
  /** Value of NOTIFY_SOCKET. */
  readonly socket: string;
  readonly logger: Logger;
  /** Default: systemd-notify, found by PATH. */
  readonly program?: string;
}

export type Assignments = Readonly<Record<string, string | number>>;

/** A failure is logged when it is the first after a success. */
type ProgramState = "working" | "failing" | "missing";

/** systemd-notify itself gives up after 5 s. */
const PROGRAM_TIMEOUT_MS = 10_000;
/** Time for the last messages when the master exits. */
const FLUSH_TIMEOUT_MS = 2_000;
const MAX_WAITING = 16;

export class SystemdNotifier {
  readonly #options: SystemdNotifierOptions;
  readonly #waiting: Assignments[] = [];
  #running: ChildProcess | undefined;
  #program: ProgramState = "working";
  #onIdle: (() => void)[] = [];

  constructor(options: SystemdNotifierOptions) {
    this.#options = options;
  }

  /** Queues a message. */
  notify(assignments: Assignments): void {
    if (this.#program === "missing") return;
    this.#waiting.push(assignments);
    // If systemd does not read, the latest messages matter.
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#next();
  }

  /** Resets the watchdog; other messages do not. */
  ping(): void {
    if (this.#waiting.some((each) => "WATCHDOG" in each)) return;
    this.notify({ WATCHDOG: 1 });
  }

  /** Resolves when all messages are sent, or after a time-out. */
  async flush(): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
      this.#onIdle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Sends the last messages, then kills a program that still runs. */
  async close(): Promise<void> {
    await this.flush();
    this.#waiting.length = 0;
    this.#running?.kill("SIGKILL");
  }

  #next(): void {
    if (this.#running) return;
    const assignments = this.#waiting.shift();
    if (!assignments) {
      for (const resolve of this.#onIdle.splice(0)) resolve();
      return;
    }
    const args = Object.entries(assignments).map(([name, value]) => {
      return `${name}=${oneLine(String(value))}`;
    });
    try {
      this.#running = this.#run(args);
    } catch (error) {
      // For example when memory is short.
      this.#onResult(error as Error, "");
    }
  }

  #run(args: readonly string[]): ChildProcess {
    const { program = "systemd-notify", socket } = this.#options;
    const { PATH } = process.env;
    const options = {
      env: { NOTIFY_SOCKET: socket, ...(PATH !== undefined && { PATH }) },
      timeout: PROGRAM_TIMEOUT_MS,
      killSignal: "SIGKILL",
    } as const;
    return execFile(program, args, options, (error, _, stderr) => {
      this.#running = undefined;
      this.#onResult(error, stderr.trim());
      this.#next();
    });
  }

  #onResult(error: Error | null, stderr: string): void {
    const { logger, program = "systemd-notify" } = this.#options;
    if (!error) {
      this.#program = "working";
      return;
    }
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      this.#program = "missing";
      this.#waiting.length = 0;
      logger.error({ program }, "cannot tell systemd: a program is missing");
      return;
    }
    if (this.#program === "failing") return;
    this.#program = "failing";
    logger.error({ error: stderr || error.message }, "cannot tell systemd");
  }
}

/** Removes line breaks, which would begin another assignment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 500);
}
