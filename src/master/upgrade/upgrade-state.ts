/**
 * An upgrade as the master that gives way sees it.
 *
 *   idle ─► starting ─► handingOver ─► released
 *             │              │
 *             └─► aborting ◄─┘          aborting ─► idle
 *
 * - starting: the new master gets ready;
 * - handingOver: it has been given the counters, and neither of the two answers
 *   scrapes;
 * - released: it is the master now, and the old one drains and leaves;
 * - aborting: the upgrade has failed, and the new one has not left yet.
 */
export type UpgradeState =
  | "idle"
  | "starting"
  | "handingOver"
  | "released"
  | "aborting";

const MOVES: Readonly<Record<UpgradeState, readonly UpgradeState[]>> = {
  idle: ["starting"],
  starting: ["handingOver", "aborting"],
  handingOver: ["released", "aborting"],
  released: [],
  aborting: ["idle"],
};

export function canMove(from: UpgradeState, to: UpgradeState): boolean {
  return MOVES[from].includes(to);
}
