import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { LogFile } from "../../../src/shared/logging/log-file.ts";
import { openFilesBelow } from "../../support/open-files.ts";

const LOG_FILE = new URL(
  "../../../src/shared/logging/log-file.ts",
  import.meta.url,
).href;

function newFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-log-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function contentOf(file: string): string {
  return readFileSync(file, "utf8");
}

/** What a script that uses a LogFile writes to its two outputs. */
function outputsOf(script: string) {
  const code = `
    import fs from "node:fs";
    import { LogFile } from ${JSON.stringify(LOG_FILE)};
    ${script}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  return { stdout, stderr };
}

describe("a log file", () => {
  it("gets lines behind those that it has", (test) => {
    const file = path.join(newFolder(test), "a.log");
    new LogFile(file).write("1\n");
    const log = new LogFile(file);
    log.write("2\n");
    log.write("3\n");
    assert.equal(contentOf(file), "1\n2\n3\n");
  });

  it("is for its owner and group only", (test) => {
    const file = path.join(newFolder(test), "a.log");
    new LogFile(file);
    assert.equal(statSync(file).mode & 0o777 & ~0o640, 0);
  });

  it("is begun anew once it was renamed", (test) => {
    const file = path.join(newFolder(test), "a.log");
    const log = new LogFile(file);
    log.write("1\n");
    renameSync(file, `${file}.1`);
    log.write("2\n");
    assert.equal(log.reopen(), true);
    log.write("3\n");
    assert.equal(contentOf(`${file}.1`), "1\n2\n");
    assert.equal(contentOf(file), "3\n");
  });

  it("leaves no descriptor behind", (test) => {
    const file = path.join(newFolder(test), "a.log");
    const log = new LogFile(file);
    for (let count = 0; count < 10; count++) log.reopen();
    assert.deepEqual(openFilesBelow(path.dirname(file)), [file]);
  });
});

describe("a log file that cannot be opened again", () => {
  it("goes on as it is, and says so once on the standard error", (test) => {
    const folder = newFolder(test);
    const file = path.join(folder, "logs", "a.log");
    mkdirSync(path.join(folder, "logs"));
    const { stdout, stderr } = outputsOf(`
      const log = new LogFile(${JSON.stringify(file)});
      log.write("1\\n");
      fs.renameSync("${folder}/logs", "${folder}/moved");
      console.log(log.reopen());
      log.write("2\\n");
      fs.mkdirSync("${folder}/logs");
      console.log(log.reopen());
      log.write("3\\n");
    `);
    assert.equal(stdout, "false\ntrue\n");
    assert.equal(contentOf(path.join(folder, "moved/a.log")), "1\n2\n");
    assert.equal(contentOf(file), "3\n");
    assert.equal(
      stderr,
      `remuda: log file ${file} cannot be opened; lines go on to the old ` +
        `file: ENOENT: no such file or directory, open '${file}'\n`,
    );
  });

  it("is the standard output where there never was one", (test) => {
    const file = path.join(newFolder(test), "no/a.log");
    const { stdout, stderr } = outputsOf(`
      new LogFile(${JSON.stringify(file)}).write("1\\n");
    `);
    assert.equal(stdout, "1\n");
    assert.match(stderr, /cannot be opened; lines go on to the standard out/);
  });
});

describe("a log file that cannot be written", () => {
  it("throws nothing, and says on the standard error what is lost", () => {
    const { stdout, stderr } = outputsOf(`
      const log = new LogFile("/dev/full");
      log.write("1\\n2\\n");
      log.write("3\\n");
      console.log("goes on");
    `);
    assert.equal(stdout, "goes on\n");
    assert.equal(
      stderr,
      "remuda: log file /dev/full cannot be written; lines are lost: " +
        "ENOSPC: no space left on device, write\n",
    );
  });

  it("has no two lines in one where the disk was full within one", (test) => {
    const file = path.join(newFolder(test), "a.log");
    const { stderr } = outputsOf(`
      import { execFileSync } from "node:child_process";
      const log = new LogFile(${JSON.stringify(file)});
      const allow = (size) => {
        const limit = "--fsize=" + size + ":unlimited";
        execFileSync("prlimit", ["--pid", process.pid, limit]);
      };
      log.write("a".repeat(60) + "\\n");
      allow(100);
      log.write("b".repeat(60) + "\\n");
      allow("unlimited");
      log.write("c\\n");
    `);
    const lines = ["a".repeat(60), "b".repeat(39), "c", ""];
    assert.deepEqual(contentOf(file).split("\n"), lines);
    assert.match(stderr, /EFBIG.*\n.*again; lines lost: 1\n$/);
  });

  it("is used again as soon as it can be", (test) => {
    const folder = newFolder(test);
    const { stderr } = outputsOf(`
      fs.symlinkSync("/dev/full", "${folder}/a.log");
      const log = new LogFile("${folder}/a.log");
      log.write("1\\n2\\n");
      fs.unlinkSync("${folder}/a.log");
      log.reopen();
      log.write("3\\n");
      log.write("4\\n");
    `);
    assert.equal(contentOf(path.join(folder, "a.log")), "3\n4\n");
    assert.match(stderr, /can be written again; lines lost: 2\n$/);
  });
});
