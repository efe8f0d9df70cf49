import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { killAll, stopAndKillAll } from "../operations/kill-all.ts";
import { roll } from "../operations/roll.ts";
import { Subject } from "../operations/subject.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";

const ROUNDS = 8;
const MAX_WAIT_MS = 300;

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

test("SIGKILL of all workers under new connections fails what they had begun, refuses nobody and hangs nobody", async (t) => {
  const subject = await Subject.start({
    folder: temporaryFolder(),
    scheduling: "balanced",
    workers: 2,
  });
  const { failureCauses, daemon } = subject;
  const random = seededRandom(1);
  const client = startStrictLoad(daemon, {
    keepAlive: false,
    maxPauseMs: 50,
    numberField: "X-Number",
    onFailure: (failure) => failureCauses.addFailure(failure),
  });
  t.after(() => client.stop());
  for (let round = 0; round < ROUNDS; round++) {
    // At a different moment of what the workers are doing each time.
    await delay(random() * MAX_WAIT_MS);
    const kill = round % 2 === 0 ? killAll : stopAndKillAll;
    await kill.run(subject, random);
    // Clears the waits of slots whose workers die early.
    assert.deepEqual(await roll.run(subject, random), { type: "done" });
  }
  const report = await client.stop();
  const { explained, unexplained } = failureCauses.classify();
  t.diagnostic(
    `${report.answered} answered, ${JSON.stringify(explained)} failed, ` +
      `${ROUNDS} rounds, the longest answer took ${report.latenciesMs.max} ms`,
  );
  assert.deepEqual(unexplained, []);
  const { connect, timeout } = report.failureCounts;
  assert.deepEqual(
    { connect, timeout },
    { connect: undefined, timeout: undefined },
  );
  assert.ok(explained.begun > 0, "the workers had something to do");
  // A worker takes a connection over before it reads from it.
  assert.ok(explained.taken < explained.begun, "few were hit in between");
  await daemon.stop();
});
