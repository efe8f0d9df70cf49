import type { ParseErrorReason } from "../../../src/worker/http1/protocol-error.ts";

/** One error answer, the end of the connection, and one count. */
export interface Refusal {
  readonly status: number;
  /** What it may be counted as, in `server_parse_errors_total{reason}`. */
  readonly reasons: readonly ParseErrorReason[];
  /** What else there is to say. */
  readonly remark?: string;
}

/** What the server does with one kind of input. Texts are Markdown. */
export interface RuleEntry {
  readonly input: string;
  readonly answer: string | Refusal;
  /** "§6.3" is of RFC 9112; "RFC 9110 §9.1"; "CVE-2022-32214". */
  readonly clauses: readonly string[];
}

export type RuleEntries = Readonly<Record<string, RuleEntry>>;
