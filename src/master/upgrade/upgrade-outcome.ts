export interface UpgradeOutcome {
  readonly result: "success" | "failure" | "refused";
  /** Of the incoming master, where there was one. */
  readonly pid?: number;
  readonly error?: string;
  /** ISO 8601. */
  readonly at: string;
}
