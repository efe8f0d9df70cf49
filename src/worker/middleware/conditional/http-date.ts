const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";
const YEAR = "(?<year>\\d{4})";

// RFC 9110 §5.6.7: the preferred form and two obsolete ones.
const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} ${YEAR} ${TIME} GMT$`),
  new RegExp(
    `^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<yy>\\d\\d) ${TIME} GMT$`,
  ),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} ${YEAR}$`),
];

/**
 * Parses an HTTP-date. Returns milliseconds since 1970, or undefined for an
 * invalid date. The day of the week is not checked.
 *
 * @param now decides the century of a two-digit year
 */
export function parseHttpDate(
  text: string,
  now: number = Date.now(),
): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return timeOf(parts, now);
  }
  return undefined;
}

/** The preferred form of RFC 9110 §5.6.7. */
export function formatHttpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString();
}

type Parts = Readonly<Record<string, string>>;

function timeOf(parts: Parts, now: number): number | undefined {
  const { day, month = "", hour, minute, second } = parts;
  const year =
    parts.yy === undefined ? Number(parts.year) : fullYear(parts, now);
  const date = new Date(0);
  date.setUTCFullYear(year, MONTHS.indexOf(month), Number(day));
  if (date.getUTCDate() !== Number(day)) return undefined; // such as February 30
  if (Number(hour) > 23 || Number(minute) > 59) return undefined;
  if (Number(second) > 60) return undefined; // 60 is a leap second
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}

/** §5.6.7: a year more than 50 years ahead is in the previous century. */
function fullYear({ yy }: Parts, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(yy);
  return year > thisYear + 50 ? year - 100 : year;
}
