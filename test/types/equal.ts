/** Whether two types are the same: neither wider nor narrower, nor `any`. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;

/**
 * Compiles only where the value has that very type: `typed<string>()(value)`.
 * Nothing calls it: files that are named `.test-d.ts` are compiled, not run.
 */
export declare function typed<Expected>(): <Value>(
  value: Value,
  ...isSame: Equal<Value, Expected> extends true ? [] : [never]
) => void;
