import { existsSync, readFileSync } from "node:fs";

/** A line of a reporter. */
interface Line {
  readonly path: readonly string[];
  readonly passed: boolean;
  readonly error?: string;
}

/** By the name of the test: undefined if it passed, or else its error. */
export type TestResults = ReadonlyMap<string, string | undefined>;

export function readResults(file: string): TestResults {
  const results = new Map<string, string | undefined>();
  if (!existsSync(file)) return results;
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  for (const line of lines) {
    const { path, passed, error = "" } = JSON.parse(line) as Line;
    const name = path.filter(Boolean).join(" > ").replaceAll(/\s+/g, " ");
    results.set(unused(name, results), passed ? undefined : error);
  }
  return results;
}

export function passedIn(results: TestResults): readonly string[] {
  const passed = [...results].filter(([, error]) => error === undefined);
  return passed.map(([name]) => name);
}

/** Tests that pass in the one and not in the other; some have not run. */
export function lostIn(plain: TestResults, hosted: TestResults) {
  const lost = passedIn(plain).filter((name) => {
    return !hosted.has(name) || hosted.get(name) !== undefined;
  });
  return new Map(lost.map((name) => [name, hosted.get(name) ?? "did not run"]));
}

/** Several tests may have one name. */
function unused(name: string, results: TestResults): string {
  let number = 1;
  let free = name;
  while (results.has(free)) free = `${name} (${++number})`;
  return free;
}
