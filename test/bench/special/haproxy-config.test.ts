import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { haproxyConfig } from "../../../bench/special/instances/haproxy-config.ts";
import { HaproxyProcess } from "../../../bench/special/instances/haproxy-process.ts";
import { projectFolder } from "../../support/project-folder.ts";

const missing = HaproxyProcess.missing();

test("HAProxy finds its settings right", {
  skip: missing ?? false,
}, (context) => {
  const file = path.join(projectFolder(context), "haproxy.cfg");
  const servers = [{ port: 8001 }, { port: 8002, words: "check inter 1s" }];
  writeFileSync(file, haproxyConfig({ port: 8000, servers }));
  const { status, stderr } = spawnSync("haproxy", ["-c", "-f", file]);
  assert.equal(status, 0, String(stderr));
});

test("each instance is a server with a name of its own", () => {
  const servers = [{ port: 8001 }, { port: 8002, words: "check" }];
  const lines = haproxyConfig({ port: 8000, servers }).split("\n");
  assert.deepEqual(
    lines.filter((line) => line.startsWith("  server ")),
    ["  server s1 127.0.0.1:8001", "  server s2 127.0.0.1:8002 check"],
  );
});
