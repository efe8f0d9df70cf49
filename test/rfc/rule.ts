import { test } from "node:test";
import { type RuleId, ruleOf } from "./rules.ts";

/** A test, as the catalogue lists it. */
export interface RuleTest {
  readonly id: RuleId;
  readonly title: string;
}

/** "§7.1 refuses …", "RFC 9110 §5.5 keeps …", "CVE-2024-22019 …" */
const TITLE = /^(?:(?:RFC \d{4} )?§\d+(?:\.\d+)*|CVE-\d{4}-\d+) \S/;

let collected: RuleTest[] | undefined;

/**
 * A test that shows that a rule is kept. While files are collected it is
 * listed, and not run.
 *
 * @throws Error for a rule that is none, or a title without its section
 */
export function rule(
  id: RuleId,
  title: string,
  run: () => void | Promise<void>,
): void {
  ruleOf(id);
  if (!TITLE.test(title)) {
    throw new Error(`"${title}" begins with no section, as "§7.1 refuses …"`);
  }
  if (collected) collected.push({ id, title });
  else test(title, run);
}

/** The tests that a file has when `load` imports it for the first time. */
export async function collectTests(
  load: () => Promise<unknown>,
): Promise<readonly RuleTest[]> {
  const tests: RuleTest[] = [];
  collected = tests;
  try {
    await load();
  } finally {
    collected = undefined;
  }
  return tests;
}
