/**
 * What a connection is busy with, and what may follow. Runs per request: a
 * phase is a bit, and what may follow it a mask.
 *
 *   phase      | what happens in it            | and then
 *   idle       | waits for a request           | head, handling, closed
 *   head       | a head has begun              | handling, closed
 *   handling   | the handler runs              | idle, streaming, receiving,
 *              |                               | draining, upgraded, closed
 *   streaming  | a response body is sent       | idle, receiving, draining,
 *              |                               | closed
 *   receiving  | answered; the handler reads   | idle, draining, closed
 *              | the request's body on         |
 *   draining   | answered; what is left of the | idle, closed
 *              | request's body is read        |
 *   upgraded   | its bytes are no longer HTTP  | closed
 *   closed     | nothing is read or sent       |
 */
export const Phase = {
  Idle: 1,
  Head: 2,
  Handling: 4,
  Streaming: 8,
  Draining: 16,
  Upgraded: 32,
  Closed: 64,
  Receiving: 128,
} as const;

export type Phase = (typeof Phase)[keyof typeof Phase];

/** The phases that may follow each. */
const MOVES: Readonly<Record<Phase, number>> = {
  [Phase.Idle]: Phase.Head | Phase.Handling | Phase.Closed,
  [Phase.Head]: Phase.Handling | Phase.Closed,
  [Phase.Handling]:
    Phase.Idle |
    Phase.Streaming |
    Phase.Receiving |
    Phase.Draining |
    Phase.Upgraded |
    Phase.Closed,
  [Phase.Streaming]:
    Phase.Idle | Phase.Receiving | Phase.Draining | Phase.Closed,
  [Phase.Receiving]: Phase.Idle | Phase.Draining | Phase.Closed,
  [Phase.Draining]: Phase.Idle | Phase.Closed,
  [Phase.Upgraded]: Phase.Closed,
  [Phase.Closed]: 0,
};

/** The phase that is next. @throws Error where it may not follow */
export function movedTo(next: Phase, from: Phase): Phase {
  if ((MOVES[from] & next) === 0) refuse(next, from);
  return next;
}

function refuse(next: Phase, from: Phase): never {
  const names = `from ${nameOf(from)} to ${nameOf(next)}`;
  throw new Error(`a connection cannot go ${names}`);
}

function nameOf(phase: Phase): string | undefined {
  return Object.entries(Phase).find(([, value]) => value === phase)?.[0];
}
