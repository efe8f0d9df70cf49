/** `npm run fuzz`: exit code 0 passed, 1 failed, 2 usage. */
import { runCheck, say } from "../support/run-check.ts";
import { fuzzHelp, parseFuzzOptions } from "./fuzz-options.ts";
import { properties } from "./properties.ts";
import { reportText } from "./report-text.ts";
import { runFuzz } from "./run-fuzz.ts";
import { SAVED_FOLDER } from "./saved-input.ts";

const names = properties.map(({ name }) => name);

await runCheck({ name: "fuzz", main, cleanUp: [] });

async function main(args: readonly string[]): Promise<void> {
  const options = parseFuzzOptions(args, names);
  if (options === undefined) {
    process.stdout.write(fuzzHelp(names));
    return;
  }
  const { seconds, seed } = options;
  say(`fuzzing for ${seconds} s with seed ${seed}`);
  const propertiesUrl = new URL("./properties.ts", import.meta.url).href;
  const folder = SAVED_FOLDER;
  const report = await runFuzz({ ...options, propertiesUrl, folder });
  process.stdout.write(reportText(report));
  process.exitCode = report.failures.length > 0 ? 1 : 0;
}
