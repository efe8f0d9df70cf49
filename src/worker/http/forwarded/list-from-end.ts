/** Runs per request that came through a proxy. */
import { trimmed } from "../trimmed.ts";

/** The entries of a list with commas, the last one first; also empty ones. */
export function* listFromEnd(list: string): Generator<string, void, void> {
  let end = list.length;
  while (end >= 0) {
    const comma = end === 0 ? -1 : list.lastIndexOf(",", end - 1);
    yield trimmed(list, comma + 1, end);
    end = comma;
  }
}

/** The entry at a place from the end, 1 is the last; or else the first. */
export function entryFromEnd(list: string, place: number): string {
  let found = "";
  let at = 0;
  for (const entry of listFromEnd(list)) {
    found = entry;
    if (++at >= place) break;
  }
  return found;
}
