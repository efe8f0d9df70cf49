/**
 * Tells systemd how the service is, with the program `systemd-notify`: Node has
 * no datagram sockets of the Unix kind.
 *
 * One process at a time, so that what is told arrives in order; each has its
 * time, and none holds up the master. The program waits until systemd has seen
 * the message: it may not leave before, or systemd would not know any more
 * which service it belonged to.
 */
import { type ChildProcess, execFile } from "node:child_process";
import type { Logger } from "../../shared/logger.ts";

export interface SystemdNotifierOptions {
  /** NOTIFY_SOCKET, as systemd has it. */
  readonly socket: string;
  readonly logger: Logger;
  /** Default: systemd-notify, as found by PATH. */
  readonly program?: string;
}

export type Assignments = Readonly<Record<string, string | number>>;

/** systemd-notify itself gives up after 5 s. */
const PROGRAM_TIMEOUT_MS = 10_000;
/** What is still to be told when a master leaves. */
const FLUSH_TIMEOUT_MS = 2_000;
const MAX_WAITING = 16;

export class SystemdNotifier {
  readonly #options: SystemdNotifierOptions;
  readonly #waiting: Assignments[] = [];
  #running: ChildProcess | undefined;
  #isMissing = false;
  #hasFailed = false;
  #onIdle: (() => void)[] = [];

  constructor(options: SystemdNotifierOptions) {
    this.#options = options;
  }

  /** Returns at once; what was told before is told first. */
  tell(assignments: Assignments): void {
    if (this.#isMissing) return;
    this.#waiting.push(assignments);
    // Where nobody listens, the latest is what counts.
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#next();
  }

  /** "I am alive". Whatever else is told meanwhile does not say so. */
  ping(): void {
    if (this.#waiting.some((each) => "WATCHDOG" in each)) return;
    this.tell({ WATCHDOG: 1 });
  }

  /** Resolves when all is told, or after a moment. */
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

  /** Waits a moment for what is to be told; leaves no process behind. */
  async close(): Promise<void> {
    await this.flush();
    this.#waiting.length = 0;
    this.#running?.kill("SIGKILL");
  }

  #next(): void {
    if (this.#running) return;
    const assignments = this.#waiting.shift();
    if (!assignments) {
      for (const tell of this.#onIdle.splice(0)) tell();
      return;
    }
    const args = Object.entries(assignments).map(([name, value]) => {
      return `${name}=${oneLine(String(value))}`;
    });
    try {
      this.#running = this.#run(args);
    } catch (error) {
      // As when memory is short.
      this.#note(error as Error, "");
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
      this.#note(error, stderr.trim());
      this.#next();
    });
  }

  #note(error: Error | null, stderr: string): void {
    const { logger, program = "systemd-notify" } = this.#options;
    if (!error) {
      this.#hasFailed = false;
      return;
    }
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      this.#isMissing = true;
      this.#waiting.length = 0;
      logger.error({ program }, "cannot tell systemd: a program is missing");
      return;
    }
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    logger.error({ error: stderr || error.message }, "cannot tell systemd");
  }
}

/** A line of its own would be another assignment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 500);
}
