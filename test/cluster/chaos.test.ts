/** A short run of what `npm run chaos` does at length. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { reportText } from "../chaos/chaos-report.ts";
import { runChaos } from "../chaos/run-chaos.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";

/** CHAOS_SEED=N does the same in the same order. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const SECONDS = 10;

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

describe("a daemon stands", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`whatever happens to it: ${scheduling}, seed ${SEED}`, async (t) => {
      const outcome = await runChaos({
        seconds: SECONDS,
        seed: SEED,
        scheduling,
        workers: 2,
        folder: temporaryFolder(),
        say: (line) => t.diagnostic(line),
      });
      t.diagnostic(reportText(outcome));
      assert.deepEqual(outcome.problems, []);
    });
  }
});
