/** Which files under src/ had functions called, as V8's coverage has it. */
import { Session } from "node:inspector";

/** By file, relative to src/: names of its functions that were called. */
export type CalledFunctions = Readonly<Record<string, readonly string[]>>;

/** Of this process, from `start()` to `take()`. */
export class SourceCoverage {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
  }

  start(): void {
    const options = { callCount: true, detailed: false };
    this.#session.post("Profiler.startPreciseCoverage", options);
  }

  take(): CalledFunctions {
    const called: Record<string, string[]> = {};
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error) throw error;
      for (const { url, functions } of taken.result) {
        const file = /\/src\/([^?]*\.ts)/.exec(url)?.[1];
        if (file === undefined || url.includes("node_modules")) continue;
        const names = functions
          .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
          .map(({ functionName }) => functionName);
        if (names.length > 0) called[file] = names;
      }
    });
    this.#session.post("Profiler.stopPreciseCoverage");
    return called;
  }
}

/** Files with functions that were called, and not in `idle`. */
export function filesBeyond(
  idle: CalledFunctions,
  called: CalledFunctions,
): string[] {
  return Object.keys(called).filter((file) => {
    return called[file]?.some((name) => !idle[file]?.includes(name));
  });
}
