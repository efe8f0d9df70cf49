import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { killWorker } from "../operations/kill-worker.ts";
import type { Operation } from "../operations/operation.ts";
import { retireWorker } from "../operations/retire-worker.ts";
import { roll } from "../operations/roll.ts";
import { scaleBySignal } from "../operations/scale-by-signal.ts";
import { scaleTo } from "../operations/scale-to.ts";
import { Subject } from "../operations/subject.ts";
import { upgradeMaster } from "../operations/upgrade-master.ts";
import { WatchedLoad } from "../operations/watched-load.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { seededRandom } from "../support/seeded-random.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";

/** COUNTERS_SEED=N tries the same operations again. */
const SEED = Number(process.env.COUNTERS_SEED ?? Date.now() % 1_000_000);
const OPERATIONS = 12;
const CHOICE: readonly Operation[] = [
  roll,
  killWorker,
  killWorker,
  scaleBySignal,
  scaleTo,
  upgradeMaster,
  upgradeMaster,
  retireWorker,
];

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

describe("counters, whatever happens to workers", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    const seed = SEED + (scheduling === "shared" ? 1 : 0);
    test(`never fall, and end as the client counted: ${scheduling}, seed ${seed}`, async (t) => {
      const subject = await Subject.start({
        folder: temporaryFolder(),
        scheduling,
        workers: 2,
      });
      const random = seededRandom(seed);
      const load = new WatchedLoad(subject, { seed });
      const done: string[] = [];
      while (done.length < OPERATIONS) {
        const operation = CHOICE[Math.floor(random() * CHOICE.length)] ?? roll;
        const ending = await operation.run(subject, random);
        done.push(`${operation.name}: ${ending.type}`);
      }
      // Clears the waits of slots whose workers died early.
      await roll.run(subject, random);
      const findings = await load.stop();
      t.diagnostic(done.join(", "));
      t.diagnostic(
        `${findings.report.answered} answered, ${findings.counted} counted, ` +
          `${findings.uncountable} taken by kills at most, ` +
          `${findings.scrapes} scrapes`,
      );
      assert.deepEqual(findings.faults, []);
      assert.deepEqual(load.overdue(), []);
      assert.deepEqual(findings.failures.unexplained, []);
      await subject.daemon.stop();
    });
  }
});
