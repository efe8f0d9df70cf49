/**
 * What the server does with every kind of input, as data: the tests beside it
 * show that it is so, and docs/protocol.md is made from it.
 */
import { connectionRules } from "./rules/connection-rules.ts";
import { fieldRules } from "./rules/field-rules.ts";
import { framingRules } from "./rules/framing-rules.ts";
import { requestLineRules } from "./rules/request-line-rules.ts";
import { responseRules } from "./rules/response-rules.ts";
import type { Refusal, RuleEntry } from "./rules/rule-entry.ts";

/** The rules by topic, in the order of a connection's life. */
export const topics = {
  "Request line": requestLineRules,
  Fields: fieldRules,
  "Body of a request": framingRules,
  Connection: connectionRules,
  Responses: responseRules,
} as const;

const rules = {
  ...requestLineRules,
  ...fieldRules,
  ...framingRules,
  ...connectionRules,
  ...responseRules,
};

export type RuleId = keyof typeof rules;

export const ruleIds = Object.keys(rules) as RuleId[];

/** @throws Error for an id that is none */
export function ruleOf(id: RuleId): RuleEntry {
  if (Object.hasOwn(rules, id)) return rules[id];
  throw new Error(`test/rfc/rules.ts has no rule "${id}"`);
}

/** @throws Error for a rule that refuses nothing */
export function refusalOf(id: RuleId): Refusal {
  const { answer } = ruleOf(id);
  if (typeof answer !== "string") return answer;
  throw new Error(`the rule "${id}" refuses nothing: ${answer}`);
}
