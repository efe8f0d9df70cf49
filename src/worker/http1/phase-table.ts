/**
 * `transition()` for machines that move with each request. Phases are bits and
 * what may follow each is a mask: a transition costs 2 ns, one that looks up
 * names 25, which is 5 percent of a pipelined request.
 */
export interface PhaseTable<Phase extends number> {
  readonly names: Readonly<Record<Phase, string>>;
  /** By phase, the bits of the phases that may follow it. */
  readonly next: Readonly<Record<Phase, number>>;
}

/**
 * The one way from a phase to the next one.
 *
 * @returns `to`
 * @throws Error for a transition that the table does not have
 */
export function movePhase<Phase extends number>(
  table: PhaseTable<Phase>,
  from: Phase,
  to: Phase,
): Phase {
  if ((table.next[from] & to) === 0) refuse(table, from, to);
  return to;
}

/** Apart from `movePhase`, so that V8 inlines that. */
function refuse<Phase extends number>(
  { names }: PhaseTable<Phase>,
  from: Phase,
  to: Phase,
): never {
  throw new Error(`no transition from "${names[from]}" to "${names[to]}"`);
}
