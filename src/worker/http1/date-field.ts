/** Runs per response: the line is made once a second. */
let line = "";
let lineSecond = -1;

/** The `Date` field line for now, as IMF-fixdate (RFC 9110 §6.6.1). */
export function dateField(): string {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== lineSecond) {
    lineSecond = second;
    line = `Date: ${new Date(now).toUTCString()}\r\n`;
  }
  return line;
}
