import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { login } from "../../src/cli/commands/channel-login.ts";
import type { Json } from "../support/gateway.ts";
import { harness } from "./harness.ts";

describe("openclaw channels login", () => {
  const qr = { status: "needs_login", qr: "2@first", qrPng: "", message: "Scan it." };
  const whatsapp = { id: "whatsapp", name: "WhatsApp", enabled: true, lastError: null, since: null };
  const traffic = { queued: 0, unknown: 0, failed: 0, waiting: 0, reconnects: 0 };

  /** A gateway at which `/login` answers so, and then `/status` once each. */
  async function following(t: TestContext, first: object, then: Json[]) {
    const { gateway, requests } = await harness(t);
    const left = [...then];
    const url = await gateway({
      "POST /v1/channels/whatsapp/login": first,
      "GET /v1/channels/whatsapp/status": (_request, response) => {
        const next = left.length > 1 ? left.shift() : left[0];
        const status = { ...whatsapp, ...traffic, ...next, accounts: [{ accountId: "default", ...next }] };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(status));
      },
    });
    const text = { stdout: "", stderr: "" };
    const sink = (name: "stdout" | "stderr") => ({ write: (it: string) => (text[name] += it) });
    const terminal = {
      stdout: sink("stdout"),
      stderr: sink("stderr"),
      env: { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "t" },
      homeDir: "/nowhere",
      signals: new EventEmitter(),
      program: "openclaw",
      exit: () => {},
    };
    const context = { terminal, options: {}, signal: new AbortController().signal };
    return { context, text, requests };
  }

  it("prints the QR code, and a new one when it changes, until the account is connected", async (t) => {
    const login1 = { qr: "2@first", message: "Scan it." };
    const login2 = { qr: "2@second", message: "Scan it." };
    const { context, text } = await following(t, qr, [
      { status: "needs_login", login: login1 },
      { status: "needs_login", login: login2 },
      { status: "connecting" },
      { status: "connected" },
    ]);
    const output = await login(context, "whatsapp", {}, { everyMs: 1, atMostMs: 60_000 });
    assert.deepEqual(output, {
      data: { channelId: "whatsapp", status: "connected" },
      text: "whatsapp is connected.",
    });
    assert.equal(text.stdout.match(/Scan it\./g)?.length, 2);
    assert.match(text.stdout, /▄/);
    assert.equal(text.stderr, "");
  });

  it("keeps stdout for the document with --json", async (t) => {
    const { context, text } = await following(t, qr, [{ status: "connected" }]);
    await login({ ...context, options: { json: true } }, "whatsapp", {}, { everyMs: 1, atMostMs: 60_000 });
    assert.equal(text.stdout, "");
    assert.match(text.stderr, /▄[\s\S]*Scan it\./);
  });

  it("shows a code for a phone number, and asks for the number", async (t) => {
    const first = { status: "needs_login", code: "ABCD-1234", message: "Type it in." };
    const { context, text, requests } = await following(t, first, [{ status: "connected" }]);
    const pace = { everyMs: 1, atMostMs: 60_000 };
    await login(context, "whatsapp", { code: "", phone: "+49 151 1234 5678", account: "work" }, pace);
    assert.match(text.stdout, /^Code: ABCD-1234\nType it in\.$/m);
    assert.deepEqual(JSON.parse(requests[0]!.body), {
      accountId: "work",
      method: "code",
      phoneNumber: "+4915112345678",
    });
    await assert.rejects(login(context, "whatsapp", { code: "" }, pace), /--code needs --phone/);
  });

  it("exits 1 when the login fails, and 5 when nobody scans", async (t) => {
    const pace = { everyMs: 1, atMostMs: 60_000 };
    const failing = await following(t, qr, [{ status: "error", lastError: "Not allowed." }]);
    const failed = await login(failing.context, "whatsapp", {}, pace);
    assert.equal(failed.exitCode, 1);
    assert.match(failed.text, /error\. Not allowed\.$/);
    const idle = await following(t, qr, [{ status: "needs_login" }]);
    const late = await login(idle.context, "whatsapp", {}, { ...pace, atMostMs: 0 });
    assert.equal(late.exitCode, 5);
    assert.match(late.text, /not connected yet: needs login/);
  });
});
