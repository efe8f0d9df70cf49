export interface UpgradeOutcome {
  readonly result: "success" | "failure" | "refused";
  /** Pid of the incoming master, if there was one. */
  readonly pid?: number;
  readonly error?: string;
  /** ISO 8601. */
  readonly at: string;
}
