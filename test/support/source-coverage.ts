/** Finds files under src/ with called functions, from V8's coverage. */
import { Session } from "node:inspector";

/** Names of called functions, by file relative to src/. */
export type CalledFunctions = Readonly<Record<string, readonly string[]>>;

/** Coverage of this process from `start()` to `take()`. */
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

/** Files with called functions that are not in `idle`. */
export function filesBeyond(
  idle: CalledFunctions,
  called: CalledFunctions,
): string[] {
  return Object.keys(called).filter((file) => {
    return called[file]?.some((name) => !idle[file]?.includes(name));
  });
}
