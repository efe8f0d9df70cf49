/**
 * What a connection is busy with, and what may follow. Runs per request.
 *
 *   phase      | what happens in it            | and then
 *   idle       | waits for a request           | head, handling, closed
 *   head       | a head has begun              | handling, closed
 *   handling   | the handler runs              | idle, streaming, draining,
 *              |                               | upgraded, closed
 *   streaming  | a response body is sent       | idle, draining, closed
 *   draining   | answered; what is left of the | idle, closed
 *              | request's body is read        |
 *   upgraded   | its bytes are no longer HTTP  | closed
 *   closed     | nothing is read or sent       |
 */
export type Phase =
  | "idle"
  | "head"
  | "handling"
  | "streaming"
  | "draining"
  | "upgraded"
  | "closed";

/** The phases that may follow each. */
const MOVES = {
  idle: { head: true, handling: true, closed: true },
  head: { handling: true, closed: true },
  handling: {
    idle: true,
    streaming: true,
    draining: true,
    upgraded: true,
    closed: true,
  },
  streaming: { idle: true, draining: true, closed: true },
  draining: { idle: true, closed: true },
  upgraded: { closed: true },
  closed: {},
} as const satisfies Record<Phase, Partial<Record<Phase, true>>>;

/** The phase that is next. @throws Error where it may not follow */
export function movedTo(next: Phase, from: Phase): Phase {
  const allowed: Partial<Record<Phase, true>> = MOVES[from];
  if (allowed[next]) return next;
  throw new Error(`a connection cannot go from ${from} to ${next}`);
}
