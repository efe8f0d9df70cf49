/**
 * Tests of other projects that pass under `node:http` and not under Remuda, and
 * are meant to.
 */
export interface Difference {
  readonly project: string;
  /** Their full names. */
  readonly tests: RegExp;
  readonly reason: string;
  /** The clause, or the place in the docs that says so. */
  readonly clause: string;
}

export const DIFFERENCES: readonly Difference[] = [];

export function differenceOf(
  project: string,
  test: string,
): Difference | undefined {
  return DIFFERENCES.find((each) => {
    return each.project === project && each.tests.test(test);
  });
}
