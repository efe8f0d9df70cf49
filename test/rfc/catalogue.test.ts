/** Every rule has its tests, and the page shows both. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { protocolPage, withRules } from "../../scripts/protocol-table.ts";
import { rule } from "./rule.ts";
import { ruleTestFiles } from "./rule-tests.ts";
import { type RuleId, ruleIds, ruleOf, topics } from "./rules.ts";

/** What the titles of a section's tests may begin with, besides. */
const OTHER_SOURCES = /^(?:RFC |CVE-|§2\.[23] )/;

describe("the rules", () => {
  test("have a test each", async () => {
    const files = await ruleTestFiles();
    const tested = new Set(
      files.flatMap(({ tests }) => tests.map(({ id }) => id)),
    );
    const untested = ruleIds.filter((id) => !tested.has(id));
    assert.deepEqual(untested, []);
  });

  test("have names of their own, in one form", () => {
    const names = Object.values(topics).flatMap((each) => Object.keys(each));
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z]+(?:[/-][a-z0-9]+)+$/);
  });

  test("say where they come from", () => {
    const clause = /^(?:(?:RFC \d{4} )?§\d+(?:\.\d+)*|CVE-\d{4}-\d{4,})$/;
    for (const id of ruleIds) {
      const { clauses } = ruleOf(id);
      assert.notEqual(clauses.length, 0, id);
      for (const each of clauses) assert.match(each, clause, id);
    }
  });
});

describe("the tests of rules", () => {
  test("name rules that there are", () => {
    const id = "framing/none" as RuleId;
    const name = () => rule(id, "§6 is kept", () => {});
    assert.throws(name, /test\/rfc\/rules\.ts has no rule "framing\/none"/);
  });

  test("begin with their section", () => {
    const id = "framing/chunked";
    const name = () => rule(id, "is put together", () => {});
    assert.throws(name, /begins with no section, as "§7.1 refuses …"/);
  });

  test("are those of the file's section, in sentences of their own", async () => {
    for (const { file, tests } of await ruleTestFiles()) {
      const section = /^section-(\d+)/.exec(file)?.[1];
      const titles = tests.map(({ title }) => title);
      assert.notEqual(titles.length, 0, file);
      assert.equal(new Set(titles).size, titles.length, file);
      const own = new RegExp(`^§${section}[. ]`);
      const strangers = titles.filter((title) => {
        return section && !own.test(title) && !OTHER_SOURCES.test(title);
      });
      assert.deepEqual(strangers, [], file);
    }
  });
});

test("docs/protocol.md has the rules and the tests of now", async () => {
  const page = readFileSync(protocolPage, "utf8");
  assert.equal(
    page,
    await withRules(page),
    "node --import tsx scripts/protocol-table.ts --write brings it up to date",
  );
});
