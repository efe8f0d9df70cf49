/**
 * Runs per response: the line is made once a second, and the wall clock is
 * looked at no more often. One that is set is followed a second later.
 */
let line = "";
/** In monotonic milliseconds: from when to when the line is right. */
let madeAt = Number.POSITIVE_INFINITY;
let rightUntil = 0;

/**
 * The `Date` field line for now, as IMF-fixdate (RFC 9110 §6.6.1).
 *
 * @param now in monotonic milliseconds
 */
export function dateField(now: number): string {
  if (now >= rightUntil || now < madeAt) renew(now);
  return line;
}

function renew(now: number): void {
  const wallMs = Date.now();
  line = `Date: ${new Date(wallMs).toUTCString()}\r\n`;
  madeAt = now;
  rightUntil = now + 1000 - (wallMs % 1000);
}
