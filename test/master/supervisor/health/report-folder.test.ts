import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { ReportFolder } from "../../../../src/master/supervisor/health/reported-kills.ts";

const parent = mkdtempSync(path.join(tmpdir(), "remuda-test-reports-"));
after(() => rmSync(parent, { recursive: true }));

describe("the folder of reports", () => {
  it("is made, for its owner alone", () => {
    const folder = path.join(parent, "a", "b");
    const file = new ReportFolder(folder).write("stuck-1-7", { worker: 1 });
    assert.match(path.basename(file), /^remuda-report-.*-stuck-1-7\.json$/);
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { worker: 1 });
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("keeps the newest ten, and nobody else's files are touched", () => {
    const folder = path.join(parent, "many");
    const reports = new ReportFolder(folder);
    const other = path.join(folder, "remuda-report.txt");
    const files = Array.from({ length: 14 }, (_, at) => {
      return reports.write(`stuck-1-${String(at).padStart(2, "0")}`, {});
    });
    rmSync(other, { force: true });
    const kept = readdirSync(folder).sort();
    const newest = files.slice(-10).map((file) => path.basename(file));
    assert.deepEqual(kept, newest.sort());
  });

  it("that cannot be had says so", () => {
    const folder = new ReportFolder("/dev/null/none");
    assert.throws(() => folder.write("stuck-1-7", {}), /ENOTDIR/);
  });
});
