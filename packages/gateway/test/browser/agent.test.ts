import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { type AgentRig, askedIn, decide, resultsIn, startAgentRig } from "../support/agent-rig.ts";
import type { FakeStep } from "../support/fake-model.ts";
import type { Json } from "../support/gateway.ts";
import { type StandIn, standIn } from "../support/stand-in.ts";

/** An agent and a real Chromium: the model is scripted, everything else is what users have. */

const password = "correct horse battery staple";

const pages: Record<string, string> = {
  "/": `<title>Sign in</title><h1>Sign in</h1>
    <form method="post" action="/login">
      <label>User <input name="user"></label>
      <label>Password <input name="password" type="password"></label>
      <button>Sign in</button>
    </form>`,
  "/home": `<title>Accounts</title><h1>Accounts</h1>
    <table><tr><th>Name</th><th>Balance</th></tr><tr><td>Savings</td><td>1234.50</td></tr></table>
    <form method="post" action="/transfer">
      <label>Reason <input name="reason"></label>
      <label>To <select name="to"><option>Bob</option><option>Carol</option></select></label>
      <button>Transfer</button>
    </form>
    <p><a href="/statement">Statement</a></p>`,
  "/done": "<title>Done</title><p>Thank you.</p>",
};

let chromium: Awaited<ReturnType<typeof findChromium>>;
let rig: AgentRig;
let site: StandIn;
/** What was posted to the site, by path. */
const posted = new Map<string, URLSearchParams>();

before(async () => {
  chromium = await findChromium();
  if (typeof chromium === "string") return;
  site = await standIn((response, { path, body }) => {
    if (path === "/login" || path === "/transfer") {
      posted.set(path, new URLSearchParams(String(body)));
      response.writeHead(303, { location: path === "/login" ? "/home" : "/done" });
      return response.end();
    }
    if (path === "/statement") {
      const disposition = 'attachment; filename="statement.csv"';
      response.writeHead(200, { "content-type": "text/csv", "content-disposition": disposition });
      return response.end("Savings;1234.50\n");
    }
    response.writeHead(pages[path] ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end(pages[path] ?? "nothing here");
  });
  rig = await startAgentRig({
    browser: {
      allowPrivate: ["127.0.0.1"],
      executablePath: chromium.executablePath,
      secrets: { "bank-password": { value: password, hosts: ["127.0.0.1"] } },
    },
  });
  // On a busy machine this takes longer than the questions below are waited for.
  const { status, body } = await rig.gateway.api("POST", "/v1/browser/start", {});
  assert.equal(status, 200, JSON.stringify(body));
});

after(async () => {
  await rig?.close();
  await site?.close();
});

/** A call of the script; `ref` names an element of the last snapshot by what stands before its mark. */
type Step = [tool: string, args: Json, ref?: RegExp];

/** Has the model make the calls one by one, then say "done". */
function script(steps: readonly Step[]): void {
  const from = rig.fake.requests.length;
  rig.fake.script(({ body }, count): FakeStep[] => {
    const step = steps[count - from];
    if (!step) return [{ text: "done" }];
    const [name, args, ref] = step;
    return [
      { call: { name, arguments: { ...args, ...(ref && { ref: refIn(body, ref) }) }, id: `c_${count}` } },
    ];
  });
}

/** The ref of an element, as a model would find it. */
function refIn(body: Json, what: RegExp): string {
  const results = (body.messages as Json[]).filter((it) => it.role === "tool");
  const last = results.findLast(
    (it) => String(it.content).startsWith('{"url"') && it.content.includes("snapshot"),
  );
  const snapshot: string = JSON.parse(last?.content ?? "{}").snapshot ?? "";
  const found = new RegExp(`${what.source}[^\\n·]*?\\[((?:f\\d+)?e\\d+)\\]`).exec(snapshot);
  return found?.[1] ?? `nothing fits ${what.source} in ${snapshot}`.slice(0, 32);
}

async function play(steps: readonly Step[], params: Json): Promise<Json[]> {
  script(steps);
  const { runId } = await rig.run({ message: "go", ...params });
  return rig.socket.end(runId);
}

describe("an agent with a browser", () => {
  test("logs in by a secret that it never sees, reads a table, fills a form, downloads a file, takes a picture", async (t) => {
    if (typeof chromium === "string") return t.skip(chromium);
    const sessionKey = "bank";
    script([
      ["browser_navigate", { url: `${site.url}/` }],
      ["browser_snapshot", {}],
      ["browser_type", { text: "ada" }, /textbox "User"/],
      ["browser_type", { selector: "input[type=password]", secret: "bank-password" }],
      ["browser_click", {}, /button "Sign in"/],
      ["browser_snapshot", {}],
      ["browser_type", { text: "for lunch" }, /textbox "Reason"/],
      ["browser_select", { selector: "select", values: ["Carol"] }],
      ["browser_download", {}, /link "Statement"/],
      ["browser_screenshot", {}],
      ["browser_click", {}, /button "Transfer"/],
    ]);
    const { runId } = await rig.run({ message: "go", sessionKey });
    const asked = await askedIn(rig, sessionKey);
    assert.equal(asked.tool, "browser_click");
    assert.ok(asked.reasons.includes("it hands over a password"), JSON.stringify(asked.reasons));
    assert.partialDeepStrictEqual(asked.facts, {
      ...{
        url: `${site.url}/`,
        element: 'button "Sign in"',
        action: `${site.url}/login`,
        submits: ["password"],
      },
    });
    assert.equal(posted.size, 0, "nothing is sent before somebody has decided");
    await decide(rig, asked, "allow");

    const events = await rig.socket.end(runId);
    const results = resultsIn(events);
    for (const { tool, result, isError } of results)
      assert.equal(isError, false, `${tool}: ${JSON.stringify(result)}`);
    assert.partialDeepStrictEqual(results[0]!.result, {
      success: true,
      url: `${site.url}/`,
      title: "Sign in",
    });
    assert.deepEqual(Object.fromEntries(posted.get("/login")!), { user: "ada", password });
    assert.match(results[5]!.result.snapshot, /Savings[\s\S]*1234\.50/);
    assert.deepEqual(Object.fromEntries(posted.get("/transfer")!), { reason: "for lunch", to: "Carol" });
    const file = results[8]!.result;
    assert.partialDeepStrictEqual(file, { path: "downloads/statement.csv", size: 16 });
    assert.equal(readFileSync(join(rig.workspace, file.path), "utf8"), "Savings;1234.50\n");

    const told = JSON.stringify([events, rig.fake.requests.map((it) => it.body)]);
    assert.ok(!told.includes(password), "the secret is nowhere but in the page");

    const { mediaId, mimeType } = results[9]!.result;
    const { body } = await rig.gateway.api("GET", `/v1/media/${mediaId}`, undefined, {
      accept: "application/json",
    });
    assert.deepEqual([body.origin, body.mimeType, mimeType], ["screenshot", "image/jpeg", "image/jpeg"]);
    const picture = `data:image/jpeg;base64,${body.data}`;
    assert.ok(JSON.stringify(rig.lastRequest().messages).includes(picture), "the model is shown the picture");
    assert.ok(!JSON.stringify(events).includes(body.data));
    await play([], { sessionKey });
    const later = JSON.stringify(rig.lastRequest().messages);
    assert.ok(later.includes(mediaId) && !later.includes(body.data), "later it is told of it alone");
  });

  test("goes on after the owner has said no, and nothing was sent", async (t) => {
    if (typeof chromium === "string") return t.skip(chromium);
    posted.clear();
    script([
      ["browser_navigate", { url: `${site.url}/` }],
      ["browser_type", { selector: "input[type=password]", text: "guessed" }],
      ["browser_press", { key: "Enter", selector: "input[type=password]" }],
      ["browser_snapshot", {}],
    ]);
    const { runId } = await rig.run({ message: "go", sessionKey: "no" });
    await decide(rig, await askedIn(rig, "no"), "deny");
    const results = resultsIn(await rig.socket.end(runId));
    assert.deepEqual(
      results.map((it) => it.isError),
      [false, false, true, false],
    );
    assert.match(results[3]!.result.snapshot, /Sign in/);
    assert.ok(!results[3]!.result.snapshot.includes("guessed"));
    assert.equal(posted.size, 0);
  });

  test("is told truthfully what it may not open", async (t) => {
    if (typeof chromium === "string") return t.skip(chromium);
    const events = await play(
      [
        ["browser_navigate", { url: "http://169.254.169.254/latest" }],
        ["browser_navigate", { url: "file:///etc/passwd" }],
        ["browser_navigate", { url: `${site.url}/done` }],
      ],
      { sessionKey: "refused" },
    );
    assert.deepEqual(
      resultsIn(events).map((it) => it.isError),
      [true, true, false],
    );
  });
});
