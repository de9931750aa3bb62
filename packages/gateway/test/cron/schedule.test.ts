import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSchedule, type Schedule } from "../../src/services/cron/schedule.ts";
import { slotsUntil } from "../../src/services/cron/slots.ts";

const at = (iso: string) => Date.parse(iso);
const anchor = at("2026-01-01T00:00:00Z");

function read(text: string, timezone = "UTC"): Promise<Schedule> {
  return parseSchedule(text, { timezone, anchor });
}

/** The first slots after a time. */
async function slots(text: string, timezone: string, from: string, count: number): Promise<string[]> {
  const schedule = await read(text, timezone);
  const found: string[] = [];
  for (let after = at(from); found.length < count; ) {
    const next = schedule.next(after);
    if (next === undefined) break;
    found.push(new Date(next).toISOString());
    after = next;
  }
  return found;
}

describe("a schedule", () => {
  it("of five fields means the time of its zone", async () => {
    assert.deepEqual(await slots("0 9 * * 1-5", "Europe/Berlin", "2026-11-20T09:00:00Z", 2), [
      "2026-11-23T08:00:00.000Z",
      "2026-11-24T08:00:00.000Z",
    ]);
  });

  it("whose hour spring leaves out comes when that hour is over, on that day alone", async () => {
    assert.deepEqual(await slots("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3), [
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("whose hour comes twice in autumn comes once", async () => {
    assert.deepEqual(await slots("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2), [
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("that repeats within the hour goes on through both turns of the clock", async () => {
    const autumn = await slots("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 5);
    assert.deepEqual(
      autumn.map((it) => it.slice(11, 16)),
      ["00:00", "00:30", "01:00", "01:30", "02:00"],
    );
  });

  it("of every so long counts from when the job was made", async () => {
    assert.deepEqual(await slots("every 15m", "UTC", "2026-01-01T00:20:00Z", 2), [
      "2026-01-01T00:30:00.000Z",
      "2026-01-01T00:45:00.000Z",
    ]);
    assert.equal((await read("every 1 day")).next(0), anchor + 86_400_000);
    assert.equal((await read("Every 2 hours")).next(anchor), anchor + 7_200_000);
  });

  it("of one date and time has one slot, in the zone unless it has an offset", async () => {
    const from = "2026-12-01T00:00:00Z";
    assert.deepEqual(await slots("2026-12-24T18:00", "Europe/Berlin", from, 2), ["2026-12-24T17:00:00.000Z"]);
    assert.deepEqual(await slots("2026-12-24T18:00:00Z", "Europe/Berlin", from, 2), [
      "2026-12-24T18:00:00.000Z",
    ]);
    assert.equal((await read("2026-12-24T18:00")).once, true);
  });

  it("that cannot be read is refused with what is wrong", async () => {
    for (const text of [
      "nonsense",
      "* * * * * *",
      "61 * * * *",
      "every 10s",
      "every 0m",
      "every 999999d",
      "@daily",
    ]) {
      await assert.rejects(read(text), { code: "invalid_request", param: "schedule" }, text);
    }
    await assert.rejects(read("2026-02-30T10:00"), /is no date and time/);
    await assert.rejects(read("0 9 * * *", "Europe/Atlantis"), {
      code: "invalid_request",
      param: "timezone",
    });
  });

  it("that never comes says so instead of searching for ever", async () => {
    assert.equal((await read("0 0 31 2 *")).next(anchor), undefined);
  });
});

describe("the slots that passed meanwhile", () => {
  it("are the last one and all those before it", async () => {
    const schedule = await read("*/15 * * * *");
    const found = await slotsUntil(schedule, at("2026-01-01T01:00Z"), at("2026-01-01T02:05Z"));
    assert.equal(found.last, at("2026-01-01T02:00Z"));
    assert.deepEqual(
      found.missed.map((it) => it.at),
      [at("2026-01-01T01:00Z"), at("2026-01-01T01:15Z"), at("2026-01-01T01:30Z"), at("2026-01-01T01:45Z")],
    );
  });

  it("of a year off are gone through in bounded work, and the last hour one by one", async () => {
    const schedule = await read("* * * * *");
    const now = at("2027-01-01T00:00:30Z");
    const found = await slotsUntil(schedule, anchor, now);
    assert.equal(found.last, at("2027-01-01T00:00Z"));
    assert.ok(found.missed.length < 130, `${found.missed.length}`);
    assert.match(found.missed.find((it) => it.detail)?.detail ?? "", /all others before 2026-12-31T23:0[01]/);
  });

  it("of a job that is due seldom end with the one that was found last", async () => {
    const found = await slotsUntil(await read("0 9 * * *"), at("2026-01-01T09:00Z"), at("2026-12-01T08:00Z"));
    assert.ok(found.last < at("2026-04-01T00:00Z"));
    assert.match(found.detail ?? "", /all others/);
  });
});
