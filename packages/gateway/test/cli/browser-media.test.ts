import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { describe, it, type TestContext } from "node:test";
import { type Answer, harness, refusal } from "./harness.ts";

const file = {
  ...{ mediaId: "media-1", name: "a.txt", mimeType: "text/plain", size: 5, origin: "download" },
  ...{ source: null, sessionKey: null, createdAt: "2026-01-01T00:00:00.000Z" },
};

/** The command line at a gateway that answers as told, in an empty folder. */
async function at(t: TestContext, answers: Record<string, Answer | object>) {
  const { run, gateway, requests, home } = await harness(t);
  const url = await gateway(answers);
  const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
  const before = process.cwd();
  process.chdir(home);
  t.after(() => process.chdir(before));
  return { openclaw: (...args: string[]) => run(args, { env }), requests, here: () => readdir(".") };
}

describe("openclaw media", () => {
  it("lists what is kept, and only what came down where that is asked for", async (t) => {
    const { openclaw } = await at(t, {
      "GET /v1/media?limit=50": { media: [{ ...file, name: "\u001b[2Ja.txt" }] },
      "GET /v1/media?limit=500": {
        media: [
          { ...file, origin: "pdf" },
          { ...file, mediaId: "media-2" },
        ],
        nextCursor: "c",
      },
      "GET /v1/media?limit=500&cursor=c": { media: [{ ...file, mediaId: "media-3" }] },
      "GET /v1/media?limit=7&sessionKey=one": { media: [] },
      "DELETE /v1/media/media-1": { deleted: true, mediaId: "media-1" },
    });
    const { stdout } = await openclaw("media");
    assert.match(
      stdout,
      /^media-1 +2026-01-01T00:00:00.000Z +download +text\/plain +5 B +\\u\{1b\}\[2Ja\.txt$/m,
    );
    const { media } = JSON.parse((await openclaw("browser", "downloads", "--json")).stdout);
    assert.deepEqual(
      media.map((it: { mediaId: string }) => it.mediaId),
      ["media-2", "media-3"],
    );
    const one = await openclaw("browser", "downloads", "--limit", "1");
    assert.doesNotMatch(one.stdout, /media-3/);
    assert.equal((await openclaw("media", "list", "--limit", "7", "-k", "one")).stdout, "No files yet.\n");
    assert.equal((await openclaw("media", "delete", "media-1")).stdout, "Deleted media-1.\n");
  });

  it("writes a file by its own name, which leads nowhere else, and replaces none unless told", async (t) => {
    const { openclaw, here } = await at(t, {
      "GET /v1/media/media-1": { ...file, name: "../../.up.txt", data: btoa("Hello") },
    });
    const first = await openclaw("media", "get", "media-1");
    assert.equal(first.stdout, "_.._.up.txt (5 B)\n");
    assert.deepEqual(await here(), ["_.._.up.txt"]);
    const again = await openclaw("media", "get", "media-1");
    assert.deepEqual([again.code, /is there already/.test(again.stderr)], [1, true]);
    assert.equal((await openclaw("media", "get", "media-1", "-o", "_.._.up.txt")).code, 0);
    assert.equal((await openclaw("media", "get", "media-1", "-o", "-")).stdout, "Hello");
  });

  it("fetches as it comes what is too large for one answer", async (t) => {
    const large: Answer = (request, response) => {
      assert.equal(request.headers.authorization, "Bearer t");
      response.write("a large ");
      response.end("file");
    };
    const { openclaw } = await at(t, {
      "GET /v1/media/media-1": refusal(413, "payload_too_large", "Too large."),
      "GET /v1/media/media-1/content": large,
      "GET /v1/media/media-2": refusal(413, "payload_too_large", "Too large."),
    });
    const { stdout } = await openclaw("media", "get", "media-1", "--output", "large.bin", "--json");
    assert.deepEqual(JSON.parse(stdout), { path: "large.bin", bytes: 12, mediaId: "media-1" });
    assert.equal(await readFile("large.bin", "utf8"), "a large file");
    assert.match((await openclaw("media", "get", "media-2")).stderr, /answered 404/);
  });
});
