import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import JSON5 from "json5";
import { type Answer, type Json, startGateway, type TestGateway } from "../support/gateway.ts";

let gateway: TestGateway;
let operator: Record<string, string>;

before(async () => {
  gateway = await startGateway();
  operator = await tokenWith(["read", "operate"]);
});

after(() => gateway.close());

async function tokenWith(scopes: string[]): Promise<Record<string, string>> {
  const { body } = await gateway.api("POST", "/v1/tokens", { name: "t", scopes });
  return { authorization: `Bearer ${body.token}` };
}

const create = (body: Json, headers = {}) => gateway.api("POST", "/v1/agents", body, headers);
const update = (id: string, body: Json, headers = {}) =>
  gateway.api("PATCH", `/v1/agents/${id}`, body, headers);
const remove = (id: string, headers = {}) => gateway.api("DELETE", `/v1/agents/${id}`, undefined, headers);
const configPath = () => join(gateway.stateDir, "openclaw.json");
const config = (): Json => JSON5.parse(readFileSync(configPath(), "utf8"));
const ids = async (): Promise<string[]> =>
  (await gateway.api("GET", "/v1/agents")).body.agents.map((it: Json) => it.agentId);

function refused(answer: Answer, status: number, param: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.error.param, param, answer.text);
}

describe("agents by the API", () => {
  test("the first agent that is made leaves the one of the empty config the default", async () => {
    const { status, body } = await create({
      id: "writer",
      name: "Writer",
      model: "builtin/demo",
      thinking: "low",
    });
    assert.equal(status, 200);
    assert.deepEqual([body.agentId, body.id, body.name, body.default], ["writer", "writer", "Writer", false]);
    assert.deepEqual([body.model, body.thinking, body.sandbox.mode], ["builtin/demo", "low", "non-main"]);
    assert.deepEqual(config().agents.list[0], { id: "default", name: "Assistant", default: true });
    assert.equal((await gateway.api("GET", "/v1/agents/default")).body.default, true);
    assert.equal((await gateway.api("GET", "/v1/agents/main")).body.agentId, "default");
    assert.equal(statSync(configPath()).mode & 0o777, 0o600);
  });

  test("a new agent answers at once, is listed as a model, and is still there after a restart", async () => {
    const said = await gateway.api("POST", "/v1/agent/run", { message: "hi", agentId: "writer" });
    assert.equal(said.status, 200, said.text);
    const models = (await gateway.api("GET", "/v1/models")).body.data.map((it: Json) => it.id);
    assert.ok(models.includes("openclaw/writer"));
    const text = readFileSync(configPath(), "utf8");
    await gateway.kill("SIGKILL");
    await gateway.restart({ config: JSON5.parse(text) });
    assert.deepEqual(await ids(), ["default", "writer"]);
  });

  test("comments, order and unknown keys of the file outlive every change", async () => {
    const { agents, ...rest } = config();
    const before = `// by hand\n{\n  ...${JSON.stringify(rest).slice(1, -1)}`.replace("...", "");
    writeFileSync(
      configPath(),
      `${before},\n  mine: 1, // kept\n  agents: {\n    list: ${JSON.stringify(agents.list)}, // those\n  },\n}\n`,
    );
    assert.equal((await create({ id: "cook", tools: { profile: "minimal" } })).status, 200);
    assert.equal((await update("cook", { name: "Cook", tools: null })).status, 200);
    assert.equal((await update("writer", { name: null, instructions: "Rhyme." })).body.name, "writer");
    assert.equal((await remove("cook")).body.deleted, true);
    const text = readFileSync(configPath(), "utf8");
    for (const comment of ["// by hand", "// kept", "// those"]) assert.ok(text.includes(comment), text);
    assert.deepEqual(config().agents.list[1], {
      id: "writer",
      model: "builtin/demo",
      thinking: "low",
      instructions: "Rhyme.",
    });
    assert.equal(config().mine, 1);
  });

  test("changes at the same time all come about", async () => {
    const answers = await Promise.all(["p", "q", "r", "s"].map((id) => create({ id })));
    assert.deepEqual(new Set(answers.map((it) => it.status)), new Set([200]));
    assert.deepEqual((await ids()).slice(-4).sort(), ["p", "q", "r", "s"]);
    const twice = await Promise.all([create({ id: "twin" }), create({ id: "twin" })]);
    assert.deepEqual(twice.map((it) => it.status).sort(), [200, 409]);
    await Promise.all(["p", "q", "r", "s", "twin"].map((id) => remove(id)));
    assert.deepEqual(await ids(), ["default", "writer"]);
    assert.equal(config().agents.list.length, 2);
  });

  test("whoever watches is told by config.changed", async () => {
    const socket = await gateway.ws();
    await socket.call("agent.create", { id: "seen" });
    const event = await socket.find((it) => it.type === "config.changed");
    assert.deepEqual(event.data.paths, ["agents.list"]);
    await socket.call("agents.delete", { agentId: "seen" });
    socket.close();
  });

  test("bad ids, unknown models, unknown settings, and agents that are there or not are told by name", async () => {
    for (const id of ["", "a b", "../x", "..", "a/b", "ü", "x".repeat(65), "openclaw", "OpenClaw", 5]) {
      refused(await create({ id }), 400, "id");
    }
    refused(await create({}), 400, "id");
    for (const id of ["writer", "default", "main"]) refused(await create({ id }), 409, "id");
    refused(await create({ id: "x", model: "nope/x" }), 404, "model");
    refused(
      await create({ id: "x", model: { primary: "builtin/demo", fallbacks: ["nope/x"] } }),
      404,
      "model.fallbacks[0]",
    );
    refused(await create({ id: "x", model: { primary: "nope/x" } }), 404, "model.primary");
    refused(await update("writer", { model: { provider: "nope", id: "x" } }), 404, "model");
    refused(await create({ id: "x", tools: { polcy: {} } }), 400, "tools.polcy");
    refused(await create({ id: "x", sandbox: { mode: "none" } }), 400, "sandbox.mode");
    refused(await create({ id: "x", workspace: "relative" }), 400, "workspace");
    refused(await create({ id: "x", instrucions: "x" }), 400, "instrucions");
    refused(await update("nobody", { name: "x" }), 404, "agentId");
    refused(await remove("nobody"), 404, "agentId");
    refused(await gateway.api("GET", "/v1/agents/nobody"), 404, "agentId");
    refused(await remove("default"), 409, "agentId");
    refused(await remove("main"), 409, "agentId");
    assert.deepEqual(await ids(), ["default", "writer"]);
  });

  test("a run in a session of a deleted agent is told that there is none", async () => {
    await create({ id: "gone", model: "builtin/demo" });
    const run = { message: "hi", agentId: "gone", sessionKey: "of-gone" };
    assert.equal((await gateway.api("POST", "/v1/agent/run", run)).status, 200);
    await remove("gone");
    const answer = await gateway.api("POST", "/v1/agent/run", { message: "hi", sessionKey: "of-gone" });
    refused(answer, 404, "agentId");
    assert.match(answer.body.error.message, /"gone"/);
  });

  test("a file that became invalid by hand is left alone, and the agents stay as they are", async () => {
    const text = readFileSync(configPath(), "utf8");
    writeFileSync(configPath(), `${text}}`);
    const answer = await create({ id: "x" });
    assert.equal(answer.status, 409);
    assert.ok(!answer.text.includes(gateway.stateDir), "no path of the machine");
    assert.equal(readFileSync(configPath(), "utf8"), `${text}}`);
    assert.deepEqual(await ids(), ["default", "writer"]);
    writeFileSync(configPath(), text);
  });

  test("an agent that was added by hand comes along with the next change", async () => {
    const file = config();
    file.agents.list.push({ id: "by-hand" });
    writeFileSync(configPath(), JSON.stringify(file));
    refused(await create({ id: "by-hand" }), 409, "id");
    await update("writer", { name: "W" });
    assert.ok((await ids()).includes("by-hand"));
    await remove("by-hand");
  });
});

describe("without the scope admin", () => {
  test("harmless settings may be set", async () => {
    const answer = await create(
      { id: "mate", name: "Mate", instructions: "Be kind.", tools: { deny: ["exec"] } },
      operator,
    );
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body.tools.deny, ["exec"]);
    assert.equal(
      (
        await update(
          "mate",
          { thinking: "high", tools: { deny: ["exec", "spawn"], profile: "minimal" } },
          operator,
        )
      ).status,
      200,
    );
    assert.equal((await create({ id: "plain", name: "Plain" }, operator)).status, 200);
    assert.equal((await remove("plain", operator)).status, 200);
    // It could be made anew without what it lacks now.
    refused(await remove("mate", operator), 403, "tools.profile");
    assert.equal((await remove("mate")).status, 200);
  });

  test("whatever would let an agent do more is refused by name, when it is made, changed and deleted", async () => {
    const wider: [Json, string][] = [
      [{ workspace: "/" }, "workspace"],
      [{ workspace: "~/.ssh" }, "workspace"],
      [{ sandbox: { mode: "off" } }, "sandbox"],
      [{ tools: { policy: { exec: "full" } } }, "tools.policy"],
      [{ tools: { policy: { "*": "full" } } }, "tools.policy"],
      [{ tools: { allow: ["exec"] } }, "tools.allow"],
      [{ tools: { profile: "full" } }, "tools.profile"],
      [{ tools: ["exec"] }, "tools.only"],
      [{ maxCostPerDay: 1_000 }, "maxCostPerDay"],
    ];
    await create({ id: "target" });
    for (const [settings, param] of wider) {
      refused(await create({ id: "x", ...settings }, operator), 403, param);
      refused(await update("target", settings, operator), 403, param);
    }
    // What the owner has narrowed stays so, by whatever way.
    const narrow = {
      sandbox: { mode: "all" },
      maxCostPerDay: 1,
      tools: { deny: ["exec"], policy: { write: "deny" } },
    };
    await create({ id: "kid", ...narrow });
    refused(await update("kid", { sandbox: null }, operator), 403, "sandbox");
    refused(await update("kid", { maxCostPerDay: null }, operator), 403, "maxCostPerDay");
    refused(await update("kid", { tools: null }, operator), 403, "tools.deny");
    refused(await update("kid", { tools: { deny: ["exec"] } }, operator), 403, "tools.policy");
    refused(await remove("kid", operator), 403, "maxCostPerDay");
    assert.equal((await remove("kid")).status, 200);
    await remove("target");
  });

  test("a variable of the gateway's environment cannot be read through a setting", async () => {
    await create({ id: "spy", instructions: "${HOME} and ${OPENCLAW_STATE_DIR}" }, operator);
    const text = readFileSync(configPath(), "utf8");
    await gateway.kill("SIGKILL");
    await gateway.restart({ config: JSON5.parse(text) });
    const { body } = await gateway.api("GET", "/v1/agents/spy", undefined, operator);
    assert.equal(body.instructions, "${HOME} and ${OPENCLAW_STATE_DIR}");
  });

  test("a token without operate changes nothing", async () => {
    const reader = await tokenWith(["read", "chat", "approve"]);
    refused(await create({ id: "x" }, reader), 403, "operate");
    refused(await update("writer", { name: "x" }, reader), 403, "operate");
    refused(await remove("writer", reader), 403, "operate");
  });
});
