/** `npm run fuzz`: exit code 0 nothing failed, 1 something did, 2 usage. */
import { KEPT_FOLDER } from "./kept-input.ts";
import { FuzzUsageError, fuzzHelp, parseFuzzOptions } from "./options.ts";
import { properties } from "./properties.ts";
import { reportText } from "./report-text.ts";
import { runFuzz } from "./run-fuzz.ts";

const names = properties.map(({ name }) => name);
try {
  const options = parseFuzzOptions(process.argv.slice(2), names);
  if (options === undefined) process.stdout.write(fuzzHelp(names));
  else {
    const { seconds, seed } = options;
    process.stderr.write(`fuzzing for ${seconds} s with seed ${seed}\n`);
    const propertiesUrl = new URL("./properties.ts", import.meta.url).href;
    const folder = KEPT_FOLDER;
    const report = await runFuzz({ ...options, propertiesUrl, folder });
    process.stdout.write(reportText(report));
    process.exitCode = report.failures.length > 0 ? 1 : 0;
  }
} catch (error) {
  if (!(error instanceof FuzzUsageError)) throw error;
  process.stderr.write(`fuzz: ${error.message}; see --help\n`);
  process.exitCode = 2;
}
