import type { EpochMs } from '@kvasir/core';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';

/** RFC 9110 section 5.6.7: all three are case-sensitive and always GMT. */
const IMF_FIXDATE = new RegExp(
  `^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`,
);
const RFC_850 = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`,
);
const ASCTIME = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`);

/** An HTTP-date; undefined when it is none, or names a day or time that does not exist. `now` decides the century of two-digit years. */
export function parseHttpDate(text: string, now: EpochMs): EpochMs | undefined {
  const match = IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text);
  const parts = match?.groups;
  if (parts === undefined) return undefined;
  const { month = '', day = '', hour = '', minute = '', second = '', year = '' } = parts;
  const fullYear = year.length === 2 ? expandYear(Number(year), now) : Number(year);
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  // 60 is a leap second.
  if (h > 23 || m > 59 || s > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, MONTHS.indexOf(month), Number(day));
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(h, m, Math.min(s, 59));
}

/** More than 50 years ahead means the past century, RFC 9110 section 5.6.7. */
function expandYear(twoDigits: number, now: EpochMs): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

/** IMF-fixdate, the only form to be sent. */
export function formatHttpDate(at: EpochMs): string {
  return new Date(at).toUTCString();
}
