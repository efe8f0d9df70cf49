import type { Settings } from "../shared/config/settings.ts";
import { writeOrLose } from "../shared/logging/bounded-output.ts";
import type { LogLevelName } from "../shared/logging/line-facts.ts";
import { LineRing, RING_FD } from "../shared/logging/line-ring.ts";
import { LogFile } from "../shared/logging/log-file.ts";
import { logWarnings } from "../shared/logging/log-warnings.ts";
import {
  changeLevel,
  createLogger,
  type Logger,
  setProcessLogger,
} from "../shared/logging/logger.ts";
import { standardLog } from "../shared/logging/pretty-output.ts";
import { RecordedOutput } from "../shared/logging/recorded-output.ts";
import { isOnTerminal } from "../shared/logging/standard-stream.ts";
import { AppOutput } from "./app-output.ts";

/** The log of a worker process, and the output of its app. */
export class WorkerLog {
  #logger: Logger = createLogger({ role: "worker" });
  #configuredLevel: LogLevelName = "info";
  #file: LogFile | undefined;
  #appOutput: AppOutput | undefined;

  get logger(): Logger {
    return this.#logger;
  }

  /**
   * Switches to the configured level and file, and captures app output.
   *
   * @param hasRing whether there is a file for recent lines
   */
  open(settings: Settings, slot: number, hasRing: boolean): void {
    const { logLevel: level, logFile, logFormat } = settings;
    const file = logFile === undefined ? undefined : new LogFile(logFile);
    const lines = file ?? standardLog(logFormat);
    const sink = hasRing
      ? new RecordedOutput(lines, new LineRing(RING_FD))
      : lines;
    this.#file = file;
    this.#configuredLevel = level;
    this.#logger = createLogger({ role: "worker", worker: slot, level, sink });
    setProcessLogger(this.#logger);
    logWarnings();
    if (isOnTerminal()) return;
    this.#appOutput = new AppOutput(sink, slot);
  }

  /** @param level undefined: that of the settings */
  setLevel(level: LogLevelName | undefined): void {
    changeLevel(this.#logger, level ?? this.#configuredLevel);
  }

  /** Opens a new log file after the old one was renamed. */
  reopen(): void {
    this.#file?.reopen();
  }

  /** Writes pending lines, or drops them after the time-out. */
  async close(timeoutMs: number): Promise<void> {
    this.#appOutput?.stop();
    await writeOrLose(timeoutMs);
  }
}
