import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Asked, type Rig, refused, startRig } from "./gateway-rig.ts";

describe("routes of the method table", () => {
  let rig: Rig;
  let answer: (asked: Asked) => unknown = () => ({ fine: true });
  before(async () => {
    rig = await startRig({ answer: (asked) => answer(asked), limits: { perMinute: 0 } });
  });
  after(() => rig.close());
  const last = () => rig.asked.at(-1)!;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    rig.fetch(path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  const failure = async (response: Response) => {
    const { error } = (await response.json()) as { error: { code: string; param?: string; message: string } };
    return { status: response.status, code: error.code, param: error.param };
  };

  it("answers with the method's result, its length and the headers that every answer has", async () => {
    const response = await rig.fetch("/status");
    assert.equal(response.status, 200);
    assert.equal(last().method, "system.status");
    assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal(response.headers.get("content-length"), "13");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("x-request-id"), last().call.requestId);
    assert.equal(response.headers.get("server"), null);
    assert.deepEqual(await response.json(), { fine: true });
  });

  it("uses the status that the table gives a method", async () => {
    assert.equal((await post("/v1/runs", { message: "hi" })).status, 202);
    assert.equal((await post("/v1/tickets", {})).status, 200);
  });

  it("answers HEAD where there is GET, without a body", async () => {
    const response = await rig.fetch("/status", { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  });

  it("takes a session key with a slash, a percent sign or an umlaut, decoded once", async () => {
    for (const key of [
      "agent/main",
      "a%2Fb",
      "50%",
      "über straße",
      "a b+c",
      "x".repeat(256),
      "ü".repeat(256),
    ]) {
      await rig.fetch(`/v1/sessions/${encodeURIComponent(key)}`);
      assert.deepEqual(last().params, { sessionKey: key });
    }
  });

  it("takes a model id with its slash raw or encoded", async () => {
    for (const path of ["anthropic/claude", "anthropic%2Fclaude", "anthropic/claude/"]) {
      await rig.fetch(`/v1/models/${path}`);
      assert.deepEqual([last().method, last().params], ["model.get", { id: "anthropic/claude" }]);
    }
    await rig.fetch("/v1/models/");
    assert.equal(last().method, "model.list");
  });

  it("tolerates doubled and trailing slashes", async () => {
    await rig.fetch("//v1//sessions/");
    assert.equal(last().method, "session.list");
  });

  it("reads numbers out of the query and leaves what is none to the schema", async () => {
    await rig.fetch("/v1/sessions?limit=5&search=7&token=ignored");
    assert.deepEqual(last().params, { limit: 5, search: "7" });
    await rig.fetch("/v1/sessions?limit=many&nonsense=1");
    assert.deepEqual(last().params, { limit: "many", nonsense: "1" });
  });

  it("refuses a query parameter that is given twice", async () => {
    assert.deepEqual(await failure(await rig.fetch("/v1/sessions?limit=1&limit=2")), {
      ...{ status: 400, code: "invalid_request", param: "limit" },
    });
  });

  it("merges body and path, and refuses a body that contradicts the path", async () => {
    await post("/v1/approvals/a1", { decision: "allow" });
    assert.deepEqual(last().params, { decision: "allow", approvalId: "a1" });
    await post("/v1/approvals/a1", { decision: "allow", approvalId: "a1" });
    assert.deepEqual(last().params, { decision: "allow", approvalId: "a1" });
    const response = await post("/v1/approvals/a1", { decision: "allow", approvalId: "a2" });
    assert.deepEqual(await failure(response), { status: 400, code: "invalid_request", param: "approvalId" });
  });

  it("takes an empty body as {}", async () => {
    await rig.fetch("/v1/channels/telegram/enable", { method: "POST" });
    assert.deepEqual(last().params, { channelId: "telegram" });
  });

  it("takes JSON whatever the content type says, curl's default included, but no form", async () => {
    const types = ["text/plain", "application/x-www-form-urlencoded"];
    for (const type of types) {
      assert.equal((await post("/v1/runs", { message: "hi" }, { "content-type": type })).status, 202);
    }
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const response = await post("/v1/runs", "message=hi", { "content-type": type });
      assert.deepEqual(await failure(response), { status: 400, code: "invalid_request", param: undefined });
    }
  });

  it("refuses bodies that are no JSON object, without quoting them", async () => {
    for (const body of ['{"message": "secret-123', "[1]", "null", '"text"', "\u0000"]) {
      const response = await post("/v1/runs", body);
      const text = await response.text();
      assert.equal(response.status, 400);
      assert.match(text, /"invalid_request"/);
      assert.doesNotMatch(text, /secret-123/);
    }
  });

  it("refuses a body that is not UTF-8 and accepts one with a byte order mark", async () => {
    const broken = Buffer.concat([Buffer.from('{"message":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const headers = { "content-type": "application/json" };
    assert.equal((await rig.fetch("/v1/runs", { method: "POST", body: broken, headers })).status, 400);
    assert.equal((await post("/v1/runs", '\ufeff{"message":"hi"}')).status, 202);
    assert.equal(last().params.message, "hi");
  });

  it("refuses query parameters beside a body, credentials excepted", async () => {
    assert.equal((await post("/v1/runs?token=x", { message: "hi" })).status, 202);
    const response = await post("/v1/runs?message=hi", {});
    assert.deepEqual(await failure(response), { status: 400, code: "invalid_request", param: "message" });
  });

  it("answers 404 for an unknown path, and names the verbs where only the verb is wrong", async () => {
    assert.deepEqual(await failure(await rig.fetch("/v1/nothing")), {
      ...{ status: 404, code: "not_found", param: undefined },
    });
    for (const method of ["PUT", "DELETE", "OPTIONS", "PROPFIND"]) {
      const response = await rig.fetch("/v1/agent/run", { method });
      assert.equal(response.status, 404);
      assert.equal(response.headers.get("allow"), "POST");
    }
  });

  it("answers 400 for a path that is not valid percent-encoding", async () => {
    assert.equal((await rig.fetch("/v1/sessions/%E0%A4%A")).status, 400);
  });

  it("passes the Idempotency-Key on, and refuses one that is too long", async () => {
    await post("/v1/runs", { message: "hi" }, { "idempotency-key": "key-1" });
    assert.equal(last().call.idempotencyKey, "key-1");
    const response = await post("/v1/runs", { message: "hi" }, { "idempotency-key": "k".repeat(257) });
    assert.deepEqual(await failure(response), {
      status: 400,
      code: "invalid_request",
      param: "idempotencyKey",
    });
  });

  it("writes an error in its documented shape, with the request's id", async () => {
    answer = () => {
      throw refused("not_found", "There is no such session.");
    };
    const response = await rig.fetch("/v1/sessions/x");
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), {
      error: {
        code: "not_found",
        message: "There is no such session.",
        type: "client_error",
        requestId: response.headers.get("x-request-id"),
      },
    });
  });

  it("answers 500 for a failure of its own, tells nothing of it, and logs it under the request's id", async () => {
    answer = () => {
      throw new Error("secret detail in /root/path");
    };
    const response = await rig.fetch("/v1/sessions/x");
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.doesNotMatch(text, /secret|root/);
    const id = response.headers.get("x-request-id")!;
    assert.ok(rig.logged.some((line) => line.includes(id)));
  });

  it("gives a screenshot as bytes to whoever accepts images, in the one format that is accepted", async () => {
    answer = () => ({
      mimeType: "image/png",
      data: Buffer.from("pixels").toString("base64"),
      width: 1,
      height: 1,
    });
    const image = await post("/v1/browser/screenshot", {}, { accept: "image/*" });
    assert.equal(image.headers.get("content-type"), "image/png");
    assert.equal(await image.text(), "pixels");
    assert.deepEqual(last().params, {});
    const json = await post("/v1/browser/screenshot", {}, { accept: "*/*" });
    assert.match(json.headers.get("content-type")!, /json/);
    await post("/v1/browser/screenshot", {}, { accept: "image/webp" });
    assert.deepEqual(last().params, { format: "webp" });
    await post("/v1/browser/screenshot", { format: "png" }, { accept: "image/jpeg" });
    assert.deepEqual(last().params, { format: "png" });
  });

  it("counts requests by method and not by what the client wrote", async () => {
    answer = () => ({});
    await (await rig.fetch("/v1/sessions/some-private-key")).text();
    await (await rig.fetch("/v1/unknown-private-path")).text();
    const labels = new Set(rig.requests.map((it) => it.label));
    assert.ok(labels.has("session.get") && labels.has("unmatched"));
    assert.doesNotMatch([...labels].join(), /private/);
  });
});
