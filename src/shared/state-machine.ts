/** The allowed next states of each state. */
export type TransitionTable<State extends string> = Readonly<
  Record<State, readonly State[]>
>;

/**
 * Checks a transition.
 *
 * @returns `to`
 * @throws Error for a transition that is not in the table
 */
export function transition<State extends string>(
  table: TransitionTable<State>,
  from: State,
  to: State,
): State {
  if (table[from].includes(to)) return to;
  throw new Error(`no transition from "${from}" to "${to}"`);
}
