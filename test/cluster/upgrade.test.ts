import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Subject } from "../operations/subject.ts";
import { upgradeMaster } from "../operations/upgrade-master.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { prove } from "../zero-loss/prove.ts";

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

describe("an upgrade of the master", { concurrency: 1 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`loses no request and no count, ${scheduling}`, async (t) => {
      const folder = temporaryFolder();
      const subject = await Subject.start({ folder, scheduling, workers: 2 });
      const load = { seed: 1, maxPauseMs: 200 };
      const options = { ...load, operation: upgradeMaster, times: 5 };
      const proof = await prove(subject, options);
      const { report } = proof;
      t.diagnostic(
        `${report.answered} answered in ${proof.seconds.toFixed(1)} s, ` +
          `p99 ${report.latenciesMs.p99.toFixed(0)} ms`,
      );
      assert.deepEqual(report.failures, []);
      assert.equal(report.idleResets, 0);
      assert.deepEqual(proof.failedOperations, []);
      assert.deepEqual(proof.faults, []);
      assert.equal(proof.counted, report.answered);
      assert.ok(report.answered > 100, `${report.answered} answered`);
      assert.equal(
        await subject.daemon.metricSum("server_upgrades_total", {
          result: "success",
        }),
        5,
      );
      await subject.daemon.stop();
    });
  }
});
