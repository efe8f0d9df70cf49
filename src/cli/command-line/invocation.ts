/** A command line that has been read, with what runs it. */
export interface Invocation {
  /** Full name of the command: `logs reopen`. */
  readonly command: string;
  /** Its operands and flags. */
  readonly input: object;
  /** @returns the exit code */
  readonly run: (report: ErrorReport) => Promise<number>;
}

/** How an error of the command will be reported. */
export interface ErrorReport {
  /** Known for certain only when the settings have been loaded. */
  showsStackTrace: boolean;
}

/** How the action of a command hands over what it has read. */
export type Accept = <Input extends object>(
  command: string,
  input: Input,
  run: (input: Input, report: ErrorReport) => Promise<number>,
) => void;
