import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { harness } from "./harness.ts";

const job = {
  jobId: "cron-1",
  name: "morning",
  schedule: "0 9 * * 1-5",
  timezone: "Europe/Berlin",
  message: "Good morning",
  agentId: "default",
  sessionKey: "cron:cron-1",
  options: {},
  misfire: "once",
  once: false,
  enabled: true,
  createdBy: "gateway",
  createdAt: "2026-01-01T00:00:00.000Z",
  nextAt: "2026-01-02T08:00:00.000Z",
};
const fire = { at: "2026-01-01T08:00:00.000Z", outcome: "missed", runId: null, detail: null };

describe("openclaw cron", () => {
  it("makes, lists and shows jobs", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const url = await gateway({
      "POST /v1/cron": job,
      "GET /v1/cron": { jobs: [job, { ...job, jobId: "cron-2", enabled: false, nextAt: null }] },
      "GET /v1/cron/cron-1": { ...job, fires: [fire] },
    });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    const made = await run(
      [
        "cron",
        "create",
        "-n",
        "morning",
        "-s",
        "0 9 * * 1-5",
        "-m",
        "Good morning",
        "--once",
        "--timeout",
        "90",
      ],
      { env },
    );
    assert.match(made.stdout, /Next +2026-01-02T08:00/);
    assert.deepEqual(JSON.parse(requests.at(-1)!.body), {
      name: "morning",
      schedule: "0 9 * * 1-5",
      message: "Good morning",
      once: true,
      options: { timeoutMs: 90_000 },
    });
    assert.match((await run(["cron"], { env })).stdout, /cron-1 .*2026-01-02T08[\s\S]*cron-2 .*paused/);
    assert.match((await run(["cron", "show", "cron-1"], { env })).stdout, /Good morning[\s\S]*missed/);
    assert.deepEqual(JSON.parse((await run(["cron", "get", "cron-1", "--json"], { env })).stdout).fires, [
      fire,
    ]);
    assert.equal((await run(["cron", "add", "-s", "x", "-m", "y", "--misfire", "never"], { env })).code, 1);
    assert.match((await run(["cron", "add", "-s", "x"], { env })).stderr, /--message/);
  });

  it("pauses, resumes, runs and deletes them", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const url = await gateway({
      "PATCH /v1/cron/cron-1": job,
      "POST /v1/cron/cron-1/run": { jobId: "cron-1", runId: "run-1" },
      "DELETE /v1/cron/cron-1": { deleted: true, jobId: "cron-1" },
    });
    const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
    assert.equal((await run(["cron", "pause", "cron-1"], { env })).stdout, "Paused cron-1.\n");
    assert.deepEqual(JSON.parse(requests.at(-1)!.body), { enabled: false });
    assert.match((await run(["cron", "resume", "cron-1"], { env })).stdout, /runs next at 2026-01-02/);
    assert.equal((await run(["cron", "run", "cron-1"], { env })).stdout, "Started run-1.\n");
    for (const verb of ["delete", "remove"])
      assert.equal((await run(["cron", verb, "cron-1"], { env })).stdout, "Deleted cron-1.\n");
  });
});
