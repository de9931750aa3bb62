import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Json } from "../support/gateway.ts";
import { type Answer, harness, refusal } from "./harness.ts";

const navigated = { success: true, url: "https://a.example/", title: "A page", status: 200, tabId: "tab-1" };
const tab = {
  ...{ id: "tab-1", url: "https://a.example/", title: "A page", active: true },
  ...{ profile: "default", sessionKey: null },
};
const red = "\u001b[31mred\u009b\u202e";
const escapes = /[^\P{C}\n]/u;

/** The command line at a gateway that answers as told. */
async function at(t: TestContext, answers: Record<string, Answer | object>) {
  const { run, gateway, requests, home } = await harness(t);
  const url = await gateway(answers);
  const env = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" };
  const openclaw = (...args: string[]) => run(args, { env });
  const sent = (): Json => JSON.parse(requests.at(-1)!.body || "{}");
  return { openclaw, requests, sent, home };
}

describe("openclaw browser", () => {
  it("opens pages and tells where that has led, without what would command the terminal", async (t) => {
    const { openclaw, sent } = await at(t, {
      "POST /v1/browser/navigate": { ...navigated, title: red, notes: [`A dialog said ${red}.`] },
      "POST /v1/browser/tabs": { ...navigated, status: null },
      "POST /v1/browser/back": navigated,
    });
    const shown = await openclaw("browser", "navigate", "https://a.example/");
    assert.equal(shown.code, 0);
    assert.match(shown.stdout, /^Page +\\u\{1b\}\[31mred.*\nAddress +https:\/\/a.example\/\nStatus +200$/m);
    assert.match(shown.stdout, /^Note: A dialog said/m);
    assert.doesNotMatch(shown.stdout, escapes);
    assert.deepEqual(sent(), { url: "https://a.example/" });

    await openclaw(
      ...["browser", "navigate", "https://a.example/", "--profile", "work", "--tab", "tab-1"],
      ...["--wait-until", "commit", "--width", "800", "--height", "600", "--timeout", "2.5"],
    );
    assert.deepEqual(sent(), {
      ...{ url: "https://a.example/", profile: "work", tabId: "tab-1", timeoutMs: 2_500 },
      ...{ waitUntil: "commit", viewport: { width: 800, height: 600 } },
    });
    assert.doesNotMatch((await openclaw("browser", "open")).stdout, /Status/);
    assert.deepEqual(sent(), {});
    await openclaw("browser", "tabs", "open", "https://b.example/", "--profile", "work");
    assert.deepEqual(sent(), { url: "https://b.example/", profile: "work" });
    assert.equal(JSON.parse((await openclaw("browser", "back", "--json")).stdout).tabId, "tab-1");
  });

  it("says what is wrong with its options before anything is sent", async (t) => {
    const { openclaw, requests } = await at(t, {});
    const wrong: [string[], RegExp][] = [
      [["navigate", "x", "--wait-until", "never"], /--wait-until must be one of load, /],
      [["navigate", "x", "--width", "800"], /--width and --height go together/],
      [["navigate", "x", "--timeout", "301"], /at most 300/],
      [["navigate"], /missing required argument/],
      [["screenshot", "--format", "gif"], /--format must be one of png/],
      [["screenshot", "--quality", "1.5"], /--quality must be a whole number from 0 to 100/],
      [["type", "e1"], /either a text or --secret/],
      [["type", "e1", "text", "--secret", "name"], /either a text or --secret/],
      [["wait"], /--text, --gone/],
      [["scroll", "sideways"], /must be one of up, down/],
      [["console", "--limit", "501"], /at most 500/],
      [["upload", "e1", "/none/of/these"], /cannot be read \(ENOENT\)/],
    ];
    for (const [args, said] of wrong) {
      const { code, stderr } = await openclaw("browser", ...args);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, said);
    }
    assert.deepEqual(requests, []);
  });

  it("passes on what the gateway says, with the documented exit codes", async (t) => {
    const { openclaw } = await at(t, {
      "POST /v1/browser/navigate": refusal(503, "service_unavailable", "There is no Chromium. Install one."),
      "POST /v1/browser/reload": refusal(504, "timeout", "The page did not load in time."),
      "POST /v1/browser/stop": refusal(403, "forbidden", "The scope operate is needed."),
    });
    const none = await openclaw("browser", "navigate", "https://a.example/");
    assert.deepEqual([none.code, none.stderr], [1, "Error: There is no Chromium. Install one.\n"]);
    assert.equal((await openclaw("browser", "reload")).code, 5);
    const { code, stdout } = await openclaw("browser", "stop", "--json");
    assert.equal(code, 4);
    assert.equal(JSON.parse(stdout).error.code, "forbidden");
  });

  it("writes pictures into files, and says into which", async (t) => {
    const picture = { mimeType: "image/jpeg", data: btoa("jpeg"), width: 8, height: 6 };
    const { openclaw, sent, home } = await at(t, {
      "POST /v1/browser/screenshot": picture,
      "POST /v1/browser/pdf": { mimeType: "application/pdf", data: btoa("pdf") },
    });
    const before = process.cwd();
    process.chdir(home);
    t.after(() => process.chdir(before));

    const [path] = (await openclaw("browser", "screenshot", "--full-page")).stdout.split(" ");
    assert.match(path!, /^screenshot-\d{4}-\d\d-\d\dT[\d-]+\.jpg$/);
    assert.equal(await readFile(path!, "utf8"), "jpeg");
    assert.deepEqual(sent(), { fullPage: true });

    const wishes = ["--selector", "#a", "--format", "webp", "--quality", "0", "--tab", "tab-1"];
    const named = await openclaw("browser", "screenshot", "-o", "a.webp", ...wishes, "--json");
    assert.deepEqual(JSON.parse(named.stdout), {
      ...{ path: "a.webp", bytes: 4, mimeType: "image/jpeg", width: 8, height: 6 },
    });
    assert.deepEqual(sent(), { selector: "#a", format: "webp", quality: 0, tabId: "tab-1" });
    assert.equal((await openclaw("browser", "screenshot", "-o", "a.webp")).code, 0);

    assert.equal((await openclaw("browser", "screenshot", "-o", "-")).stdout, "jpeg");
    assert.match((await openclaw("browser", "screenshot", "-o", "-", "--json")).stdout, /want stdout/);
    const lost = await openclaw("browser", "screenshot", "-o", "none/a.png");
    assert.deepEqual([lost.code, /none\/a\.png cannot be written \(ENOENT\)/.test(lost.stderr)], [1, true]);

    await openclaw("browser", "pdf", "--landscape", "--no-background", "--format", "A5", "-o", "a.pdf");
    assert.deepEqual(sent(), { landscape: true, background: false, format: "A5" });
    await openclaw("browser", "pdf");
    assert.deepEqual(sent(), {});
    assert.match((await readdir(home)).join(), /page-\S+\.pdf/);
  });

  it("turns each command into the action that it means, by ref or by selector", async (t) => {
    const { openclaw, sent, home } = await at(t, {
      "POST /v1/browser/act": { ...navigated, detail: 'Clicked button "Go".' },
      "POST /v1/browser/upload": navigated,
    });
    const clicked = await openclaw("browser", "click", "f1e2", "--double", "--button", "right");
    assert.match(clicked.stdout, /^Done +Clicked button "Go"\./);
    const file = join(home, "a.txt");
    await writeFile(file, "bytes");
    const actions: [string[], Json][] = [
      [["click", "e12"], { kind: "click", ref: "e12" }],
      [["click", "f1e2", "--double"], { kind: "click", ref: "f1e2", double: true }],
      [["click", "e1.big"], { kind: "click", selector: "e1.big" }],
      [["hover", "#menu"], { kind: "hover", selector: "#menu" }],
      [["type", "e1", "two", "words"], { kind: "type", ref: "e1", text: "two words" }],
      [["type", "e1", ""], { kind: "type", ref: "e1", text: "" }],
      [["type", "e1", "--secret", "pw", "--submit"], { kind: "type", ref: "e1", secret: "pw", submit: true }],
      [["type", "e1", "x", "--append"], { kind: "type", ref: "e1", text: "x", append: true }],
      [["select", "e3", "red", "dark blue"], { kind: "select", ref: "e3", values: ["red", "dark blue"] }],
      [["press", "Control+A"], { kind: "press", key: "Control+A" }],
      [["press", "Enter", "--at", "e3"], { kind: "press", ref: "e3", key: "Enter" }],
      [["scroll"], { kind: "scroll" }],
      [["scroll", "up", "--pixels", "50"], { kind: "scroll", direction: "up", pixels: 50 }],
      [["wait", "--text", "Done", "--timeout", "9"], { kind: "wait", text: "Done" }],
      [["wait", "--address", "/done"], { kind: "wait", url: "/done" }],
      [["wait", "--seconds", "0.5"], { kind: "wait", ms: 500 }],
    ];
    for (const [args, action] of actions) {
      assert.equal((await openclaw("browser", ...args)).code, 0, args.join(" "));
      assert.deepEqual(sent().action, action);
    }
    await openclaw("browser", "upload", "e4", file, file, "--tab", "tab-1");
    const sentFile = { name: "a.txt", data: btoa("bytes") };
    assert.deepEqual(sent(), { tabId: "tab-1", ref: "e4", files: [sentFile, sentFile] });
  });

  it("shows snapshots, values and logs of a page line by line, and nothing that commands the terminal", async (t) => {
    const at1 = "2026-01-01T00:00:00.000Z";
    const { openclaw, sent, requests } = await at(t, {
      "POST /v1/browser/snapshot": {
        ...{ tabId: "tab-1", url: "https://a.example/", title: "A page", page: 1, pages: 3 },
        snapshot: `# ${red}\nlink "Go" [e2] /go`,
      },
      "POST /v1/browser/evaluate": { value: { title: red, n: [1] }, url: "https://a.example/" },
      "GET /v1/browser/console?tabId=tab-1&limit=5": {
        tabId: "tab-1",
        entries: [{ at: at1, level: "error", text: `oh\n${red}`, url: "" }],
      },
      "GET /v1/browser/network": {
        tabId: "tab-1",
        entries: [
          {
            ...{ at: at1, method: "GET", url: `https://a.example/${red}`, type: "image" },
            ...{ status: null, ms: 12.4, error: "refused" },
          },
        ],
      },
    });
    const shown = await openclaw("browser", "snapshot", "--page", "1", "--selector", "main");
    assert.match(shown.stdout, /^link "Go" \[e2\] \/go$[\s\S]*Part 1 of 3: --page 2 goes on\./m);
    assert.deepEqual(sent(), { page: 1, selector: "main" });
    const value = await openclaw("browser", "evaluate", "1 + 1");
    assert.match(value.stdout, /^ {2}"title": "/m);
    assert.deepEqual(sent(), { expression: "1 + 1" });
    const logged = await openclaw("browser", "console", "--tab", "tab-1", "--limit", "5");
    assert.match(logged.stdout, /error +oh\\u\{a\}/);
    const asked = await openclaw("browser", "network");
    assert.match(asked.stdout, /^GET +– +12 ms +image +https:\S+ +refused$/m);
    for (const { stdout } of [shown, value, logged, asked]) assert.doesNotMatch(stdout, escapes);
    assert.equal(requests.length, 4);
  });

  it("shows the status, the tabs and the profiles, and changes them", async (t) => {
    const view = {
      ...{ name: "work", color: "#1a73e8", running: true, persistent: true },
      ...{ remote: false, tabs: 1 },
    };
    const { openclaw, requests, sent } = await at(t, {
      "GET /v1/browser/status": {
        ...{ enabled: true, running: true, version: "140.0", profile: "default", profiles: ["default"] },
        ...{ tabs: [tab], executable: "the usual place", waiting: 1 },
        processes: [{ profile: "default", startedAt: "2026-01-01", memoryBytes: 2 * 1024 ** 2 }],
      },
      "POST /v1/browser/start": { running: true, profile: "work", version: "140.0" },
      "POST /v1/browser/stop": { stopped: 2 },
      "GET /v1/browser/tabs?profile=work": { tabs: [] },
      "GET /v1/browser/tabs": { tabs: [{ ...tab, title: red, sessionKey: "one" }] },
      "POST /v1/browser/tabs/tab-1/activate": tab,
      "DELETE /v1/browser/tabs/tab-1": { closed: true, tabId: "tab-1" },
      "GET /v1/browser/profiles": { profiles: [view] },
      "POST /v1/browser/profiles": view,
      "POST /v1/browser/profiles/work/reset": view,
      "DELETE /v1/browser/profiles/work": { deleted: true, profile: "work" },
    });
    const { stdout } = await openclaw("browser");
    assert.match(stdout, /^Browser +running\nChromium +140\.0$/m);
    assert.match(stdout, /^default +since 2026-01-01, 2\.0 MB$/m);
    assert.match(stdout, /^tab-1 +yes +default +– +A page +https:/m);
    assert.match(
      (await openclaw("browser", "start", "--profile", "work")).stdout,
      /work is running: 140\.0\./,
    );
    assert.equal((await openclaw("browser", "stop")).stdout, "Stopped 2.\n");
    assert.equal(
      (await openclaw("browser", "tabs", "list", "--profile", "work")).stdout,
      "No tab is open.\n",
    );
    const tabs = await openclaw("browser", "tabs");
    assert.match(tabs.stdout, /^tab-1 .* one +\\u\{1b\}/m);
    assert.doesNotMatch(tabs.stdout, escapes);
    assert.match((await openclaw("browser", "tabs", "activate", "tab-1")).stdout, /^tab-1 +yes/m);
    assert.equal((await openclaw("browser", "tabs", "close", "tab-1")).stdout, "Closed tab-1.\n");
    assert.match((await openclaw("browser", "profile", "list")).stdout, /^work +running +kept +1 +#1a73e8$/m);
    await openclaw("browser", "profile", "create", "work", "--color", "#1a73e8");
    assert.deepEqual(sent(), { profile: "work", color: "#1a73e8" });
    assert.equal((await openclaw("browser", "profile", "reset", "work")).stdout, "work is as new.\n");
    const deleted = await openclaw("browser", "profile", "delete", "work");
    assert.equal(deleted.stdout, "Deleted the profile work.\n");
    assert.equal(requests.length, 11);
  });
});
