// Writes the rules of the protocol, with their tests, into docs/protocol.md.
//
//   node --import tsx scripts/protocol-table.ts [--write]
//
// Without --write it only says whether the page is up to date, and fails where
// it is not.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ruleTestFiles } from "../test/rfc/rule-tests.ts";
import type { Refusal, RuleEntry } from "../test/rfc/rules/rule-entry.ts";
import { type RuleId, topics } from "../test/rfc/rules.ts";
import { markdownTable } from "./markdown-table.ts";

const BLOCK = /(?<=<!-- rules -->\n).*?(?=<!-- \/rules -->)/s;
const HEAD = ["What comes in", "What the server does", "Clause", "Tests"];
const COMMAND = "node --import tsx scripts/protocol-table.ts --write";

export const protocolPage = new URL("../docs/protocol.md", import.meta.url);

/** The page with the rules of now between its two markers. */
export async function withRules(page: string): Promise<string> {
  if (!BLOCK.test(page)) throw new Error("the page lacks the markers");
  const block = await rulesByTopic();
  return page.replace(BLOCK, () => `\n${block}\n`);
}

async function rulesByTopic(): Promise<string> {
  const tests = await testsByRule();
  const sections = Object.entries(topics).map(([topic, rules]) => {
    const rows = Object.entries(rules).map(
      ([id, rule]: [string, RuleEntry]) => [
        rule.input,
        answerText(rule.answer),
        rule.clauses.join(", "),
        `\`${id}\`: ${tests.get(id as RuleId) ?? "none"}`,
      ],
    );
    return `## ${topic}\n\n${markdownTable(HEAD, rows)}`;
  });
  return sections.join("\n");
}

/** "10 in [section-6-message-body](…)" for each rule. */
async function testsByRule(): Promise<Map<RuleId, string>> {
  const tests = new Map<RuleId, string>();
  for (const { file, tests: all } of await ruleTestFiles()) {
    const counts = new Map<RuleId, number>();
    for (const { id } of all) counts.set(id, (counts.get(id) ?? 0) + 1);
    const name = file.replace(".test.ts", "");
    for (const [id, count] of counts) {
      const text = `${count} in [${name}](../test/rfc/${file})`;
      const before = tests.get(id);
      tests.set(id, before === undefined ? text : `${before}, ${text}`);
    }
  }
  return tests;
}

function answerText(answer: string | Refusal): string {
  if (typeof answer === "string") return answer;
  const reasons = answer.reasons.map((reason) => `\`${reason}\``).join(", ");
  const remark = answer.remark === undefined ? "" : `, ${answer.remark}`;
  return `**${answer.status}** (${reasons})${remark}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(protocolPage, "utf8");
  const current = await withRules(page);
  const isToWrite = process.argv.includes("--write");
  if (isToWrite) writeFileSync(protocolPage, current);
  const isStale = !isToWrite && page !== current;
  if (isStale) {
    console.error(`docs/protocol.md is not up to date; bring it there by
  ${COMMAND}`);
  }
  // Files of tests were loaded: without this, Node would report on them.
  process.exit(isStale ? 1 : 0);
}
