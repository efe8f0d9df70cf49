import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { OutputFile } from "../../../src/cli/inspection/output-file.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "remuda-output-"));
after(() => rmSync(root, { recursive: true }));

function folder(name: string): string {
  const made = path.join(root, name);
  mkdirSync(made);
  return made;
}

describe("an output file", () => {
  it("has its name only when it is complete, and is its owner's", async () => {
    const into = folder("complete");
    const file = await OutputFile.create(path.join(into, "a.json"));
    await file.write(Buffer.from("{"));
    assert.deepEqual(readdirSync(into), [`a.json.${process.pid}.part`]);
    await file.write(Buffer.from("}"));
    await file.finish();
    assert.deepEqual(readdirSync(into), ["a.json"]);
    assert.equal(readFileSync(file.path, "utf8"), "{}");
    assert.equal(statSync(file.path).mode & 0o777, 0o600);
    assert.equal(file.bytes, 2);
  });

  it("leaves nothing if it is discarded", async () => {
    const into = folder("discarded");
    const file = await OutputFile.create(path.join(into, "a.json"));
    await file.write(Buffer.from("{"));
    await file.discard();
    assert.deepEqual(readdirSync(into), []);
  });

  it("replaces no other file, and needs a folder", async () => {
    const into = folder("taken");
    const taken = path.join(into, "a.json");
    writeFileSync(taken, "mine");
    await assert.rejects(OutputFile.create(taken), /exists already/);
    const nowhere = path.join(into, "none", "a.json");
    await assert.rejects(OutputFile.create(nowhere), /ENOENT/);
    assert.deepEqual(readdirSync(into), ["a.json"]);
  });
});
