/** How an upgrade went. */
export interface UpgradeOutcome {
  readonly result: "success" | "failure" | "refused";
  /** The new master's, where there was one. */
  readonly pid?: number;
  readonly error?: string;
  /** ISO 8601. */
  readonly at: string;
}
