import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { findChromium } from "../../../../client/test/support/chromium.ts";
import { type Json, startGateway, type TestGateway } from "../../support/gateway.ts";
import { type StandIn, standIn } from "../../support/stand-in.ts";
import { until } from "../../support/until.ts";

/** The browser as a client of the gateway has it, from one end to the other. */

const chromium = await findChromium();
const skip = typeof chromium === "string" ? chromium : undefined;

let gateway: TestGateway;
let site: StandIn;

const form = `<!doctype html><title>Form</title><form action="/sent"><label>Name <input name="name"></label>
  <label>Size <select name="size"><option>small<option>large</select></label><button>Send</button></form>
  <table><tr><th>Fruit<th>Price<tr><td>Apple<td>2<tr><td>Pear<td>3</table>`;

before(async () => {
  site = await standIn((response, { path, headers }) => {
    const { pathname, searchParams } = new URL(path, "http://site");
    response.setHeader("content-type", "text/html");
    if (pathname === "/file") {
      response.setHeader("content-disposition", 'attachment; filename="report.txt"');
      return response.end("a report of many words");
    }
    if (pathname === "/who") {
      response.setHeader("set-cookie", "seen=yes; max-age=1000");
      return response.end(`<title>${headers.cookie ?? "nobody"}</title>`);
    }
    if (pathname === "/sent") return response.end(`<title>Sent ${searchParams}</title>`);
    response.end(form);
  });
  gateway = await startGateway({ config: { browser: { allowPrivate: ["127.0.0.1"] } } });
});

after(async () => {
  await gateway.close();
  await site.close();
});

const post = (verb: string, body: Json = {}) => gateway.api("POST", `/v1/browser/${verb}`, body);
const open = (path: string, more: Json = {}) => post("navigate", { url: `${site.url}${path}`, ...more });

describe("the browser's API", { skip }, () => {
  test("a form is read, filled by its refs and sent", async () => {
    await open("/");
    const { body } = await post("snapshot");
    assert.match(body.snapshot, /\| Pear \| 3 \|/);
    const ref = (what: RegExp) => what.exec(body.snapshot)?.[1];
    const name = ref(/textbox "Name" \[(\w+)\]/);
    await post("act", { action: { kind: "type", ref: name, text: "Ann" } });
    await post("act", {
      action: { kind: "select", ref: ref(/combobox "Size" \[(\w+)\]/), values: ["large"] },
    });
    const sent = await post("act", { action: { kind: "click", ref: ref(/button "Send" \[(\w+)\]/) } });
    assert.equal(sent.body.title, "Sent name=Ann&size=large", sent.text);
    assert.equal((await post("back")).body.title, "Form");
    assert.equal((await post("forward")).body.title, "Sent name=Ann&size=large");
  });

  test("profiles know nothing of each other, and a reset one has forgotten", async () => {
    const title = async (profile: string) => (await open("/who", { profile })).body.title;
    assert.deepEqual(
      [await title("default"), await title("default"), await title("incognito"), await title("default")],
      ["nobody", "seen=yes", "nobody", "seen=yes"],
    );
    assert.equal((await gateway.api("POST", "/v1/browser/profiles/default/reset")).status, 200);
    assert.equal(await title("default"), "nobody");
    assert.equal((await gateway.api("DELETE", "/v1/browser/profiles/default")).status, 400);
  });

  test("a picture, a PDF and a file come as they are to whoever asks for that", async () => {
    await open("/");
    const raw = async (path: string, accept: string, body?: Json) => {
      const response = await gateway.fetch(path, {
        method: body ? "POST" : "GET",
        headers: { accept, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return [response.headers.get("content-type"), bytes] as const;
    };
    const [type, webp] = await raw("/v1/browser/screenshot", "image/webp", { selector: "table" });
    assert.deepEqual([type, webp.toString("latin1", 8, 12)], ["image/webp", "WEBP"]);
    const [, pdf] = await raw("/v1/browser/pdf", "application/pdf", {});
    assert.equal(pdf.toString("latin1", 0, 5), "%PDF-");
    const { body } = await open("/file");
    assert.match(body.notes.join(), /report\.txt/);
    const list = async (): Promise<Json[]> => (await gateway.api("GET", "/v1/media")).body.media;
    await until(async () => (await list()).length > 0, "the file is kept");
    const [kept] = await list();
    assert.deepEqual([kept?.name, kept?.size], ["report.txt", 22]);
    const [, file] = await raw(`/v1/media/${kept?.mediaId}/content`, "*/*");
    assert.equal(file.toString(), "a report of many words");
  });

  test("the older service's requests are understood", async () => {
    const ask = (method: string, path: string, body?: Json) =>
      post("request", { method, path, ...(body && { body }) });
    const opened = await ask("POST", "/tabs/open", { url: `${site.url}/` });
    assert.equal(opened.body.title, "Form", opened.text);
    const { tabId } = opened.body;
    const typed = await ask("POST", "/act", {
      kind: "type",
      targetId: tabId,
      selector: "input",
      text: "Bob",
    });
    assert.equal(typed.body.success, true, typed.text);
    assert.ok((await ask("GET", "/tabs")).body.tabs.some((it: Json) => it.id === tabId));
    assert.equal((await ask("DELETE", `/tabs/${tabId}`)).body.closed, true);
    const unknown = await ask("GET", "/nowhere");
    assert.deepEqual([unknown.status, unknown.body.error.param], [404, "path"]);
    const reader = await gateway.api("POST", "/v1/tokens", { name: "operator", scopes: ["operate"] });
    const as = { authorization: `Bearer ${reader.body.token}` };
    const refused = await gateway.api("POST", "/v1/browser/request", { method: "GET", path: "/tabs" }, as);
    assert.equal(refused.body.error.param, "read", "an alias needs the scope of what it stands for");
  });

  test("an agent's tab is its session's, and is closed when the session is deleted", async () => {
    const sessionKey = "with a tab";
    const message = `call browser_navigate ${JSON.stringify({ url: `${site.url}/` })}`;
    await gateway.api("POST", "/v1/agent/run", { message, sessionKey });
    const its = async () => {
      const { body } = await gateway.api("GET", "/v1/browser/tabs");
      return body.tabs.filter((it: Json) => it.sessionKey === sessionKey);
    };
    assert.deepEqual(
      (await its()).map((it: Json) => it.title),
      ["Form"],
    );
    const { body } = await gateway.api("GET", `/v1/sessions/${encodeURIComponent(sessionKey)}`);
    const [call] = body.messages.flatMap((it: Json) => it.toolCalls ?? []);
    assert.deepEqual([call.result.success, call.result.url], [true, `${site.url}/`]);
    await gateway.api("DELETE", `/v1/sessions/${encodeURIComponent(sessionKey)}`);
    await until(async () => (await its()).length === 0, "its tab is closed");
  });

  test("what a tab shows is followed on a WebSocket until one has seen enough", async () => {
    const { tabId } = (await open("/")).body;
    const socket = await gateway.ws();
    const watched = await socket.call("browser.watch", { tabId, maxWidth: 400 });
    assert.deepEqual(watched.result, { tabId });
    await post("act", { action: { kind: "type", selector: "input", text: "Something new" } });
    const frame = await socket.find((it) => it.type === "browser.frame", "a frame");
    assert.equal(frame.data.tabId, tabId);
    assert.equal(Buffer.from(frame.data.data, "base64").toString("hex", 0, 2), "ffd8");
    assert.ok(frame.data.width <= 400);
    assert.deepEqual((await socket.call("browser.unwatch", { tabId })).result, { unwatched: true });
    assert.deepEqual((await socket.call("browser.unwatch", { tabId })).result, { unwatched: false });
    socket.close();
  });
});
