import type { PatternSegment } from "./pattern.ts";
import type { Route } from "./route.ts";

/**
 * Sorts routes that fit the same path as a search would find them: segment by
 * segment static text, a parameter with a form, a parameter, a wildcard.
 */
export function byPrecedence(a: Route, b: Route): number {
  const [left, right] = [a.pattern.segments, b.pattern.segments];
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(left[index]) - rank(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(segment: PatternSegment | undefined): number {
  if (segment?.type === "static") return 0;
  if (segment?.type === "param") return segment.form ? 1 : 2;
  return 3;
}
