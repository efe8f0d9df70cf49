import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { compactSvg } from "../../bench/plots/compact-svg.ts";
import { drawPlots } from "../../bench/plots/draw-plots.ts";
import { panelOf } from "../../bench/plots/panel-of.ts";
import { PLOTS } from "../../bench/plots/plot-list.ts";
import { imagesFolder } from "../../bench/plots/run-plots.ts";
import {
  readResults,
  resultsFolder,
  type ScenarioResult,
} from "../../bench/results-file.ts";
import {
  benchmarkPages,
  withBenchmarkTables,
} from "../../scripts/benchmark-tables.ts";

const renderer = path.join(resultsFolder, "../node_modules/vega");
const skip = existsSync(renderer)
  ? false
  : "what draws plots is not installed in bench/node_modules";

describe("the pages of what was measured", () => {
  const pages = benchmarkPages.map((file) => readFileSync(file, "utf8"));

  it("have the tables of the committed results", () => {
    const remedy = "scripts/benchmark-tables.ts --write makes them anew";
    for (const page of pages) {
      assert.equal(page, withBenchmarkTables(page, readResults()), remedy);
    }
  });

  it("show each picture, with a text for who cannot see it", () => {
    for (const name of readdirSync(imagesFolder)) {
      const shown = new RegExp(`!\\[[^\\]]{20,}\\]\\(images/${name}\\)`);
      assert.match(pages.join(""), shown);
    }
  });
});

describe("the pictures", { skip }, () => {
  it("are those of the committed results", async () => {
    const drawn = await drawPlots(readResults());
    const names = [...drawn.keys()].map((name) => `${name}.svg`).sort();
    assert.deepEqual(readdirSync(imagesFolder).sort(), names);
    for (const [name, svg] of drawn) {
      const file = path.join(imagesFolder, `${name}.svg`);
      const remedy = `${name}: npm run bench -- plots draws it anew`;
      assert.equal(readFileSync(file, "utf8") === svg, true, remedy);
    }
  });

  it("are small, and have a background of their own", async () => {
    for (const [name, svg] of await drawPlots(readResults())) {
      assert.ok(svg.length < 50_000, `${name} has ${svg.length} bytes`);
      assert.match(svg, /<rect width="\d+" height="\d+" fill="white"\/>/);
    }
  });
});

describe("a panel of bars", () => {
  const spread = (median: number) => ({ median, min: 1e6, max: 9e6 });
  const medians = {
    "node-http": { bytesPerSecond: spread(3e6) },
    remuda: { bytesPerSecond: spread(2e6) },
    fastify: { bytesPerSecond: spread(4e6) },
  };
  const results = [{ scenario: "upload", medians }] as unknown[];
  const wish = {
    title: "up",
    scenario: "upload",
    metric: "bytesPerSecond",
    isMoreBetter: true,
  };

  it("has the best on top, in the unit of its axis, and ours marked", () => {
    const panel = panelOf(wish, results as ScenarioResult[]);
    assert.equal(panel?.axis, "MB/s (more is better)");
    const range = { min: 1, max: 9 };
    assert.deepEqual(panel.bars, [
      { label: "fastify", median: 4, ...range, isOurs: false },
      { label: "node-http", median: 3, ...range, isOurs: false },
      { label: "remuda", median: 2, ...range, isOurs: true },
    ]);
  });

  it("is none where nothing was measured", () => {
    assert.equal(panelOf(wish, []), undefined);
    assert.deepEqual(
      PLOTS.filter(({ spec }) => spec([])),
      [],
    );
  });
});

describe("a compact picture", () => {
  it("is rounded in its lengths, not in its texts", () => {
    const svg =
      '<svg xmlns="x"><g class="a" aria-hidden="true"><text role="b" ' +
      'font-family="c" transform="translate(1.2345,-0.001)">1.234</text></g>' +
      "<g><g></g></g></svg>";
    assert.equal(
      compactSvg(svg, "a < b"),
      '<svg font-family="c" font-size="11px" xmlns="x">\n' +
        "<title>a &lt; b</title>\n<g>\n" +
        '<text transform="translate(1.2,0)">1.234</text>\n</g>\n</svg>',
    );
  });
});
