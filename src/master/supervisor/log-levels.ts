/**
 * The level of the log: that of the settings, or for a time another one. New
 * workers get it as well.
 *
 *   configured ─► changed ─► configured
 *                 changed ─► changed
 */
import type { LogLevelName } from "../../shared/logging/line-facts.ts";
import { changeLevel } from "../../shared/logging/logger.ts";
import type { DecisionParts } from "./supervisor-parts.ts";

/** A level that is in force instead of that of the settings. */
interface Change {
  /** Counts the changes, so that the timer of an earlier one does nothing. */
  readonly number: number;
  readonly level: LogLevelName;
  readonly endsAt: number;
}

export interface LogLevelReport {
  readonly level: LogLevelName;
  /** The level of the settings. */
  readonly configured: LogLevelName;
  /** Time until the configured level is in force again, if another one is. */
  readonly secondsLeft: number | null;
}

export class LogLevels {
  readonly #parts: DecisionParts;
  #configured: LogLevelName;
  #change: Change | undefined;
  #changes = 0;

  constructor(parts: DecisionParts, configured: LogLevelName) {
    this.#parts = parts;
    this.#configured = configured;
  }

  /** The level that workers have instead of that of their settings. */
  get changed(): LogLevelName | undefined {
    return this.#change?.level;
  }

  get report(): LogLevelReport {
    const { clock } = this.#parts;
    const configured = this.#configured;
    if (!this.#change)
      return { level: configured, configured, secondsLeft: null };
    const { level, endsAt } = this.#change;
    const leftMs = Math.max(0, endsAt - clock.now());
    return { level, configured, secondsLeft: Math.round(leftMs / 1000) };
  }

  /** The settings of another generation are in force. */
  configure(level: LogLevelName): void {
    this.#configured = level;
    this.#apply();
  }

  change(level: LogLevelName, forMs: number): void {
    const { clock, effects } = this.#parts;
    const number = ++this.#changes;
    const endsAt = clock.now() + forMs;
    const command = { type: "logLevelTimeout", change: number } as const;
    this.#set({ number, level, endsAt }, { logLevel: level, forMs });
    effects.push({ type: "later", afterMs: forMs, command });
  }

  reset(): void {
    if (this.#change) this.#set(undefined, { logLevel: this.#configured });
  }

  onTimeout(change: number): void {
    if (this.#change?.number === change) this.reset();
  }

  #set(change: Change | undefined, fields: object): void {
    const { logger, effects } = this.#parts;
    const text = "log level changed";
    // By the level that lets it through, which is the one before or the new one.
    const isSaid = logger.isLevelEnabled("info");
    if (isSaid) logger.info(fields, text);
    this.#change = change;
    this.#apply();
    if (!isSaid) logger.info(fields, text);
    const message = { type: "logLevel", level: change?.level } as const;
    effects.push({ type: "tellWorkers", message });
  }

  #apply(): void {
    const { logger } = this.#parts;
    changeLevel(logger, this.#change?.level ?? this.#configured);
  }
}
