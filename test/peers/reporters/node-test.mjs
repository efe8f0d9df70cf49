import path from "node:path";
import append from "./append.cjs";

/** Names of the tests around the present one, and its own. */
const names = [];

export default async function* report(events) {
  for await (const { type, data } of events) {
    const { name, nesting, file, details, skip, todo } = data;
    if (type === "test:start") names.splice(nesting, Infinity, name);
    const isEnd = type === "test:pass" || type === "test:fail";
    // Of what has tests in it only a failure of its own counts.
    const { error, type: kind } = details ?? {};
    const isInner = error?.failureType === "subtestsFailed";
    if (!isEnd || kind === "suite" || isInner || skip || todo) continue;
    const place = file ? path.relative(process.cwd(), file) : "";
    append({
      path: [place, ...names.slice(0, nesting), name],
      passed: type === "test:pass",
      error: error?.cause ?? error,
    });
  }
  yield "";
}
