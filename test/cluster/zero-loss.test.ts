import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import { roll } from "../operations/roll.ts";
import { Subject } from "../operations/subject.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { faultsOf } from "../zero-loss/faults-of.ts";
import { PHASES } from "../zero-loss/phases.ts";
import { type Proof, prove } from "../zero-loss/prove.ts";

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

const LOAD = { seed: 1, maxPauseMs: 200 };

function assertNothingLost(t: TestContext, proof: Proof): void {
  const { report } = proof;
  t.diagnostic(
    `${report.answered} answered in ${proof.seconds.toFixed(1)} s, ` +
      `p99 ${report.latenciesMs.p99.toFixed(0)} ms`,
  );
  assert.deepEqual(faultsOf(proof), []);
  // Fewer would prove little.
  assert.ok(report.answered > 100, `${report.answered} answered`);
}

describe("no request is lost", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    describe(scheduling, { concurrency: 1 }, () => {
      let subject: Subject;
      test("before anything is done", async () => {
        const folder = temporaryFolder();
        subject = await Subject.start({ folder, scheduling, workers: 2 });
      });
      for (const { operation, times } of PHASES) {
        test(`and each is counted over ${times}: ${operation.name}`, async (t) => {
          const options = { ...LOAD, operation, times };
          assertNothingLost(t, await prove(subject, options));
        });
      }
      test("and no process is left", () => subject.daemon.stop());
    });
  }
});

test("the client would notice: who drains badly loses requests", async () => {
  const subject = await Subject.start({
    folder: temporaryFolder(),
    scheduling: "balanced",
    workers: 2,
    // Those of 300 ms do not get done.
    settings: { drain: { preStopDelayMs: 0, lingerMs: 0, deadlineMs: 50 } },
  });
  const options = { ...LOAD, operation: roll, times: 2 };
  const { report, failedOperations } = await prove(subject, options);
  assert.deepEqual(failedOperations, []);
  assert.ok(report.failureCount > 0, "cut requests are failures");
  const kinds = Object.keys(report.failureCounts);
  assert.deepEqual(
    kinds.filter((kind) => kind !== "reset" && kind !== "eof"),
    [],
  );
  await subject.daemon.stop();
});
