import { GatewayError } from "../../lib/errors.ts";

const minuteMs = 60_000;
const units: Record<string, number> = { m: minuteMs, h: 60 * minuteMs, d: 24 * 60 * minuteMs };
const everyAtMostMs = 366 * 24 * 60 * minuteMs;

/** When a job is due. */
export interface Schedule {
  /** There is one slot only. */
  readonly once: boolean;
  /** The first slot after a time, Unix ms; undefined: none comes any more. */
  next(after: number): number | undefined;
}

export interface ScheduleContext {
  /** IANA. */
  timezone: string;
  /** Where `every …` counts from, Unix ms. */
  anchor: number;
}

/**
 * Reads a schedule: five cron fields, `every 15m` (m, h, d), or a date and time by ISO 8601, in the time zone unless it
 * has an offset. In a zone with summer time a slot of the hour that is left out comes when that hour is over, and one
 * of the hour that comes twice comes once. Throws `invalid_request`.
 */
export async function parseSchedule(text: string, { timezone, anchor }: ScheduleContext): Promise<Schedule> {
  requireTimezone(timezone);
  const written = text.trim().replace(/\s+/g, " ");
  const every = /^every (\d{1,6}) ?(m|h|d)(?:in(?:ute)?s?|ours?|ays?)?$/i.exec(written);
  if (every) return everySo(Number(every[1]) * units[every[2]!.toLowerCase()]!, anchor); // the pattern's letters
  if (/^\d{4}-\d{2}-\d{2}T/.test(written)) return at(await momentOf(written, timezone));
  return fields(written, timezone);
}

function everySo(ms: number, anchor: number): Schedule {
  if (ms < minuteMs || ms > everyAtMostMs) throw invalid("every … must be between 1m and 366d.");
  return { once: false, next: (after) => anchor + (Math.max(0, Math.floor((after - anchor) / ms)) + 1) * ms };
}

function at(moment: number): Schedule {
  return { once: true, next: (after) => (moment > after ? moment : undefined) };
}

async function momentOf(text: string, timezone: string): Promise<number> {
  const [, local, offset] =
    /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [
      undefined,
      undefined,
      undefined,
    ];
  const asUtc = local === undefined ? Number.NaN : Date.parse(`${local}Z`);
  // A day that the month does not have would be one of the next month.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(local!))
    throw invalid(
      `"${text}" is no date and time. Write it like 2026-12-24T18:00 or 2026-12-24T18:00:00+01:00.`,
    );
  if (offset !== undefined) return Date.parse(text);
  const { Cron } = await import("croner");
  const moment = new Cron(text.replace(/\.\d+$/, ""), { timezone, paused: true }).nextRun(new Date(0));
  if (!moment) throw invalid(`"${text}" lies too far back.`);
  return moment.getTime();
}

async function fields(text: string, timezone: string): Promise<Schedule> {
  const { Cron } = await import("croner");
  try {
    if (text.split(" ").length !== 5) throw new Error("it has not five fields");
    const cron = new Cron(text, { timezone, mode: "5-part", paused: true });
    return { once: false, next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : "";
    throw invalid(
      `"${text}" is no schedule (${why}). Write five cron fields like "0 9 * * 1-5", "every 15m", or a time like 2026-12-24T18:00.`,
    );
  }
}

function requireTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw new GatewayError(
      "invalid_request",
      `There is no time zone "${timezone}". Write one like Europe/Berlin.`,
      {
        param: "timezone",
      },
    );
  }
}

function invalid(message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: "schedule" });
}
