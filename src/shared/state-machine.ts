/** By state, the states that may follow it. */
export type TransitionTable<State extends string> = Readonly<
  Record<State, readonly State[]>
>;

/**
 * The one way from a state of a machine to the next one.
 *
 * @returns `to`
 * @throws Error for a transition that the table does not have
 */
export function transition<State extends string>(
  table: TransitionTable<State>,
  from: State,
  to: State,
): State {
  if (table[from].includes(to)) return to;
  throw new Error(`no transition from "${from}" to "${to}"`);
}
