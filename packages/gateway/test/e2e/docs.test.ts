import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadConfig } from "../../src/config/load.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const run = promisify(execFile);

/** The fenced blocks of a page, by language. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map((match) => match[1]!);
}

describe("the documents' examples", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.close());

  /** An example as a reader would run it, but against this test's gateway. */
  const here = (code: string) => code.replaceAll("http://127.0.0.1:18789", gateway.url);
  const env = () => ({
    PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    HOME: gateway.stateDir,
    OPENCLAW_STATE_DIR: gateway.stateDir,
    OPENCLAW_GATEWAY_URL: gateway.url,
    TOKEN: gateway.token,
  });

  it("README: the shell commands of the first answer get an answer", async () => {
    const [start, ...commands] = blocks("README.md", "sh");
    assert.match(start!, /^npm ci\nnpm start$/m);
    assert.equal(commands.length, 2);
    for (const command of commands) {
      const { stdout } = await run("bash", ["-euc", here(command)], { cwd: root, env: env() });
      assert.match(stdout, /demo/);
    }
  });

  it("README: the JavaScript of both SDKs gets an answer", async () => {
    const codes = blocks("README.md", "js");
    assert.equal(codes.length, 2);
    for (const code of codes) {
      const flags = ["--conditions=openclaw-source", "--input-type=module", "-e", here(code)];
      const { stdout } = await run(process.execPath, flags, { cwd: root, env: env() });
      assert.match(stdout, /demo/);
    }
  });

  it("docs/api.md: the WebSocket request gets a reply and a delta of the shapes that are shown", async () => {
    const [request, reply, event] = blocks("docs/api.md", "json").map((text) => JSON.parse(text));
    const socket = await gateway.ws();
    const answered = await socket.call(request.method, request.params);
    assert.deepEqual(Object.keys(answered.result), Object.keys(reply.result));
    const delta = await socket.find((it) => it.type === "chat.delta");
    assert.deepEqual(Object.keys(delta.data).sort(), Object.keys(event.data).sort());
    socket.close();
  });

  it("docs/agents.md: agents are made, spoken to, changed and deleted as shown", async () => {
    const [commands, requests] = blocks("docs/agents.md", "sh");
    const { stdout } = await run("bash", ["-euc", here(commands!)], { cwd: root, env: env() });
    assert.match(
      stdout,
      /Made the agent editor[\s\S]*editor +Ed +builtin\/demo +low[\s\S]*demo[\s\S]*Deleted the agent editor/,
    );
    const answers = await run("bash", ["-euc", here(requests!)], { cwd: root, env: env() });
    assert.match(answers.stdout, /"instructions":"Be strict\."[\s\S]*"name":"Ed"[\s\S]*"deleted":true/);
  });

  it("docs/errors.md: the error that is shown is the one that is given", async () => {
    const [shown] = blocks("docs/errors.md", "json").map((text) => JSON.parse(text));
    const { status, body } = await gateway.api("POST", "/v1/agent/run", { message: "hi", sessionKey: "" });
    assert.equal(status, 400);
    assert.deepEqual({ ...body.error, requestId: "" }, { ...shown.error, requestId: "" });
  });
});

it("docs/configuration.md: the example is a valid configuration without a single warning", async () => {
  const [example] = blocks("docs/configuration.md", "json5");
  const dir = mkdtempSync(join(tmpdir(), "openclaw-docs-"));
  try {
    writeFileSync(join(dir, "openclaw.json"), example!);
    const env = { OPENCLAW_STATE_DIR: dir, OPENAI_API_KEY: "sk-example" };
    const { warnings, config } = await loadConfig({ env, homeDir: dir });
    assert.deepEqual(warnings, []);
    assert.equal(config.agents.list[0]?.id, "writer");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

it("docs/agents.md: the example is a valid configuration without a single warning", async () => {
  const [example] = blocks("docs/agents.md", "json5");
  const dir = mkdtempSync(join(tmpdir(), "openclaw-docs-"));
  try {
    writeFileSync(join(dir, "openclaw.json"), example!);
    const { warnings, config } = await loadConfig({ env: { OPENCLAW_STATE_DIR: dir }, homeDir: dir });
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      config.agents.list.map((it) => it.id),
      ["home", "writer", "guest"],
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
