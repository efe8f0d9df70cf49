/**
 * What the documentation says is so: links lead somewhere, examples run, and
 * names are those of the code.
 *
 * A fenced block marked "js run" must run to its end, and one marked "js serve"
 * is an app module that must become ready. Tables and lists between
 * `<!-- name -->` and `<!-- /name -->` are compared with the code.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createProgram } from "../src/cli/command-line/program.ts";
import {
  type StatusSources,
  statusReport,
} from "../src/master/admin/status-report.ts";
import { listenToSignals } from "../src/master/host/signals.ts";
import { metricFamilies } from "../src/master/metrics/exposition.ts";
import { reloadable } from "../src/master/supervisor/in-force.ts";
import type { WorkerHandle } from "../src/master/supervisor/workers/worker-handle.ts";
import {
  settingList,
  textSettings,
} from "../src/shared/config/setting-list.ts";
import { settingsSchema } from "../src/shared/config/settings.ts";
import { Histogram } from "../src/shared/metrics/histogram.ts";
import { metricNames } from "../src/shared/metrics/metric-names.ts";
import { noTotals } from "../src/shared/metrics/totals.ts";
import { startDaemon, stopAllDaemons } from "./support/daemon.ts";
import { anchorsOf, prose } from "./support/markdown.ts";
import { projectFolder } from "./support/project-folder.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
const pages = ["README.md", "CHANGELOG.md", ...markdownIn("docs")];
const operations = read("docs/operations.md");
const commands = createProgram(() => {}).leaves;

after(stopAllDaemons);

function markdownIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => path.join(folder, String(file)))
    .filter((file) => file.endsWith(".md"));
}

function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

function blocksOf(page: string, marker: string): string[] {
  const fenced = new RegExp(`^\`\`\`${marker}\n(.*?)^\`\`\`$`, "gms");
  return [...page.matchAll(fenced)].map(([, code = ""]) => code);
}

function section(name: string): string {
  const marked = new RegExp(`<!-- ${name} -->(.*?)<!-- /${name} -->`, "s");
  const found = marked.exec(operations)?.[1];
  assert.ok(found, `docs/operations.md has no <!-- ${name} -->`);
  return found;
}

/** Everything in backticks. */
function codeIn(markdown: string): string[] {
  return [...markdown.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** The cells of a table's rows, without its head. */
function rowsOf(markdown: string): string[][] {
  const lines = markdown.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1));
}

/** What the first column names. */
function namesIn(sectionName: string): string[] {
  return rowsOf(section(sectionName)).flatMap(([cell = ""]) => codeIn(cell));
}

describe("links", () => {
  for (const page of pages) {
    it(`of ${page} lead to files and headings that exist`, () => {
      const links = prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g);
      for (const [, link = ""] of links) {
        if (/^https?:/.test(link)) continue;
        const [file = "", anchor] = link.split("#");
        const target = path.join(path.dirname(page), file);
        const where = file === "" ? page : target;
        assert.ok(existsSync(path.join(root, where)), `${link} in ${page}`);
        if (anchor === undefined) continue;
        assert.ok(
          anchorsOf(read(where)).includes(anchor),
          `${link} in ${page}`,
        );
      }
    });
  }
});

describe("examples in the text", () => {
  for (const page of pages) {
    for (const [index, code] of blocksOf(read(page), "js run").entries()) {
      it(`number ${index + 1} of ${page} runs`, async (test) => {
        const file = path.join(projectFolder(test), "example.mjs");
        writeFileSync(file, code);
        const child = spawn(process.execPath, [file]);
        const [stderr, [exitCode]] = await Promise.all([
          text(child.stderr),
          once(child, "close"),
        ]);
        assert.equal(exitCode, 0, `${stderr}\n${code}`);
      });
    }
    for (const [index, code] of blocksOf(read(page), "js serve").entries()) {
      it(`app number ${index + 1} of ${page} becomes ready`, async (test) => {
        const folder = projectFolder(test);
        writeFileSync(path.join(folder, "app.mjs"), code);
        const daemon = await startDaemon({
          cwd: folder,
          app: "app.mjs",
          args: ["--workers", "1"],
        });
        await daemon.stop();
      });
    }
  }
});

describe("docs/operations.md", () => {
  it("names the settings that a reload cannot change", () => {
    const running = settingsSchema.parse({});
    const other: object = structuredClone(running);
    for (const { path: name } of textSettings) {
      const keys = name.split(".");
      const last = keys.pop() ?? "";
      const group = keys.reduce((at, key) => Reflect.get(at, key), other);
      Reflect.set(group, last, `another ${name}`);
    }
    const { ignored } = reloadable(running, other as typeof running);
    const fixed = settingList
      .map((setting) => setting.path)
      .filter((name) => ignored.includes(name));
    assert.deepEqual(codeIn(section("fixed-settings")), fixed);
  });

  it("names the signals that the master listens to, and no others", () => {
    const names = Object.keys(os.constants.signals) as NodeJS.Signals[];
    const count = () => names.map((name) => process.listenerCount(name));
    const before = count();
    const stopListening = listenToSignals(() => {});
    const during = count();
    stopListening();
    const heard = names.filter((_, at) => during[at] !== before[at]);
    const documented = namesIn("signals").map((name) => `SIG${name}`);
    assert.deepEqual(documented.sort(), heard.sort());
  });

  it("names the commands for a daemon that runs", () => {
    const names = commands
      .filter((command) => command.helpGroup().includes("daemon"))
      .map(({ fullName, registeredArguments: [operand] }) => {
        return `remuda ${fullName}${operand ? ` ${operand.name()}` : ""}`;
      });
    assert.deepEqual(namesIn("commands"), names);
  });

  it("names the fields of /status", () => {
    const report = statusReport(statusSources());
    assert.deepEqual(namesIn("status"), Object.keys(report));
    const [worker = {}] = report.workers;
    assert.deepEqual(namesIn("worker-status"), Object.keys(worker));
  });

  it("names all metrics, with type and labels", () => {
    const documented = rowsOf(section("metrics")).map(
      ([name = "", type = "", labels = ""]) => ({
        name: codeIn(name)[0] ?? "",
        type: type.trim(),
        labels: codeIn(labels).sort(),
      }),
    );
    const exported = sampleFamilies().map(({ name, type, values }) => {
      const labels = new Set(values.flatMap((one) => Object.keys(one.labels)));
      labels.delete("le");
      return { name, type, labels: [...labels].sort() };
    });
    const byName = (one: { name: string }, other: { name: string }) =>
      one.name.localeCompare(other.name);
    assert.deepEqual(documented.sort(byName), exported.sort(byName));
  });

  it("quotes log messages as they are in the source", () => {
    const sources = readdirSync(path.join(root, "src"), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => read(path.join("src", file)))
      .join("\n");
    for (const message of namesIn("log-messages")) {
      const fixedPart = message.replace(/…$/, "");
      const quoted = [`"${message}"`, `\`${fixedPart}$`];
      assert.ok(
        quoted.some((text) => sources.includes(text)),
        `no "${message}" in src/`,
      );
    }
  });
});

describe("names in the text", () => {
  const metricNames = new Set(sampleFamilies().map(({ name }) => name));
  const envNames = new Set(settingList.map(({ envName }) => envName));
  const flagNames = new Set(settingList.map(({ flagName }) => flagName));
  const settingNames = new Set(settingList.map((setting) => setting.path));
  // Of commands, and of other programs.
  const otherFlags = [
    ...commands.flatMap(({ options }) => options.map((each) => each.name())),
    ...["write", "import", "part"],
    ...["report-on-signal", "inspect", "disable-sigusr1"],
    ...["no-warnings", "redirect-warnings"],
  ];

  for (const page of pages) {
    it(`of ${page} are those of metrics and settings`, () => {
      const source = read(page);
      for (const [name] of source.matchAll(/\b(?:http_)?server_\w+/g)) {
        assert.ok(metricNames.has(name), name);
      }
      for (const [name] of source.matchAll(/\bREMUDA_\w+/g)) {
        assert.ok(envNames.has(name) || name === "REMUDA_CONFIG", name);
      }
      for (const code of codeIn(prose(source))) {
        const isSetting =
          /^(?:tls|drain|admin|rateLimit|autoscale)\.[a-z]\w*$/.test(code);
        if (isSetting) assert.ok(settingNames.has(code), code);
        // The benchmark has flags of its own.
        if (page === path.join("docs", "performance.md")) continue;
        const flag = /^--([a-z0-9-]+)/.exec(code)?.[1];
        if (flag === undefined || otherFlags.includes(flag)) continue;
        assert.ok(flagNames.has(flag), code);
      }
    });
  }
});

/** Every family with every label that it can have. */
function sampleFamilies() {
  const totals = noTotals();
  for (const name of Object.keys(metricNames.labelled)) {
    totals.labelled[name] = { any: 1 };
  }
  const requests = { "GET 200 /": new Histogram().values() };
  totals.histograms.requests = requests;
  return metricFamilies({
    totals,
    workers: [worker()],
    workersWanted: 1,
    isDegraded: false,
    isLastConfigGood: true,
    version: "0",
    now: 0,
  });
}

function statusSources(): StatusSources {
  const settings = settingsSchema.parse({});
  return {
    server: {
      settings,
      upgrades: { state: "idle" },
    } as StatusSources["server"],
    workers: [worker()],
    listening: [
      { host: "127.0.0.1", port: 0, scheme: "http", scheduling: "balanced" },
    ],
    agentCheck: undefined,
    startedAt: 0,
    now: 0,
  };
}

function worker(): WorkerHandle {
  const gauges = {
    openConnections: 0,
    idleConnections: 0,
    activeRequests: 0,
    eventLoopUtilization: 0,
  };
  const state = "ready";
  const checks = [{ name: "db", ageSeconds: 1, failure: undefined }];
  const view = { slot: 1, generation: 1, state, gauges, checks };
  return { ...view, lastHeartbeatAt: 0 } as unknown as WorkerHandle;
}
