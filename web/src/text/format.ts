// Numbers and times for people. The page is in English, so readers with another language get English dates too.

const locale = typeof navigator !== "undefined" && navigator.language?.startsWith("en") ? navigator.language : "en-GB";

const UNITS = ["bytes", "KB", "MB", "GB", "TB", "PB"] as const;
const whole = new Intl.NumberFormat(locale);
const tenths = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

export const formatCount = (count: number): string => whole.format(count);

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** 186368 → "182 KB"; in steps of 1024, as the notifications say it. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  // 1023.6 KB would otherwise be written "1,024 KB".
  if (unit > 0 && Math.round(value) === 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return bytes === 1 ? "1 byte" : `${formatCount(bytes)} bytes`;
  return `${value < 9.95 ? tenths.format(value) : formatCount(Math.round(value))} ${UNITS[unit]}`;
}

/** "182 KB (186,368 bytes)"; small sizes need no second reading. */
export const formatBytesExactly = (bytes: number): string =>
  bytes < 1024 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`;

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayAndMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const weekdayYear = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const complete = new Intl.DateTimeFormat(locale, {
  dateStyle: "long",
  timeStyle: "long",
  hourCycle: "h23",
} as Intl.DateTimeFormatOptions);
const moment = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
  hourCycle: "h23",
});
const utcDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });

const startOfDay = (time: Date): number => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
/** Whole days between two local dates; rounding absorbs the hour that clock changes add or take. */
const daysApart = (from: Date, to: Date): number => Math.round((startOfDay(to) - startOfDay(from)) / 86_400_000);

/** Short, for lists: "just now", "4 min ago", "08:41", "Yesterday, 08:41", "21 Nov, 08:41". */
export function formatWhen(iso: string, now: Date = new Date()): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const seconds = (now.getTime() - time.getTime()) / 1000;
  if (seconds > -60 && seconds < 45) return "just now";
  if (seconds >= 45 && seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  const days = daysApart(time, now);
  if (days === 0) return clock.format(time);
  if (days === 1) return `Yesterday, ${clock.format(time)}`;
  const date = time.getFullYear() === now.getFullYear() ? dayAndMonth.format(time) : dayMonthYear.format(time);
  return `${date}, ${clock.format(time)}`;
}

/** To the second and with the time zone, as mails and logs have another: for a sequence of events. */
export function formatMoment(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : moment.format(time);
}

/** Date, time and time zone, for tooltips. */
export function formatExactly(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : complete.format(time);
}

/** The heading over a day's files. */
export function formatDay(iso: string, now: Date = new Date()): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "Unknown day";
  const days = daysApart(time, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return time.getFullYear() === now.getFullYear() ? weekday.format(time) : weekdayYear.format(time);
}

export const formatClock = (time: Date): string => clock.format(time);

/** A day of the stats, which are counted in UTC. */
export const formatUtcDay = (date: string): string => utcDay.format(new Date(`${date}T00:00:00Z`));

/** When something is due: the time if it is today, else with the day. */
export function formatNext(at: string, now = new Date()): string {
  const time = new Date(at);
  return time.toDateString() === now.toDateString()
    ? clock.format(time)
    : `${weekday.format(time)}, ${clock.format(time)}`;
}
