/**
 * The same work, never twice at a time: calls that come while it is under way
 * share the next run, which begins after them.
 */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  return () => {
    if (waiting) return waiting;
    const begin = () => {
      waiting = undefined;
      return work();
    };
    const run = last.then(begin, begin);
    waiting = run;
    last = run;
    return run;
  };
}
