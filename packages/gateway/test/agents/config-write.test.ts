import assert from "node:assert/strict";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { protectVariables, substituteVariables } from "../../src/config/substitute.ts";
import { createConfigFile } from "../../src/config/write.ts";

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "openclaw-config-"));
  path = join(dir, "openclaw.json");
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const listed = (id: string) => [{ path: ["agents", "list"], value: [{ id }] }];

describe("writing the config file", () => {
  test("a file that is not there is made, open to its owner alone, and nothing else is left behind", async () => {
    const config = await createConfigFile({ path, env: {} }).edit(() => listed("a"));
    assert.equal(config.agents.list[0]?.id, "a");
    assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), { agents: { list: [{ id: "a" }] } });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dir), ["openclaw.json"]);
  });

  test("unknown keys, comments and variables stay as they were written", async () => {
    const text = `{\n  futureKey: { x: 1 }, // mine\n  gateway: { auth: { token: "\${TOKEN}" } },\n}\n`;
    writeFileSync(path, text, { mode: 0o644 });
    await createConfigFile({ path, env: { TOKEN: "s3cret" } }).edit(() => listed("a"));
    const after = readFileSync(path, "utf8");
    assert.ok(after.startsWith(text.slice(0, -2)), after);
    assert.ok(!after.includes("s3cret"));
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test("edits at the same time all come about, each on what the others wrote", async () => {
    const file = createConfigFile({ path, env: {} });
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        file.edit(({ agents: { list } }) =>
          list.length === 0
            ? listed(`a${index}`)
            : [{ path: ["agents", "list", list.length], value: { id: `a${index}` } }],
        ),
      ),
    );
    const { agents } = JSON.parse(readFileSync(path, "utf8"));
    assert.deepEqual(
      agents.list.map((it: { id: string }) => it.id),
      Array.from({ length: 10 }, (_, index) => `a${index}`),
    );
  });

  test("what somebody writes meanwhile is not lost: the edit is worked out again", async () => {
    writeFileSync(path, "{ logging: { level: 'info' } }");
    let rounds = 0;
    await createConfigFile({ path, env: {} }).edit(() => {
      rounds += 1;
      if (rounds === 1) writeFileSync(path, "{ logging: { level: 'debug' } } // by hand");
      return listed("a");
    });
    assert.equal(rounds, 2);
    assert.match(readFileSync(path, "utf8"), /debug[\s\S]*by hand/);
  });

  test("a result that would not be a valid configuration is refused and the file stays as it is", async () => {
    const file = createConfigFile({ path, env: {} });
    const text = "{ gateway: { port: 1 } }";
    writeFileSync(path, text);
    await assert.rejects(
      file.edit(() => [{ path: ["gateway", "port"], value: "many" }]),
      ConfigError,
    );
    await assert.rejects(
      file.edit(() => [{ path: ["agents", "list", 0, "model"], value: "${NO_SUCH_VARIABLE}" }]),
      ConfigError,
    );
    await assert.rejects(
      file.edit(() => [{ path: ["x", "__proto__"], value: 7 }]),
      ConfigError,
    );
    assert.equal(readFileSync(path, "utf8"), text);
    writeFileSync(path, "{ gateway: ");
    await assert.rejects(
      file.edit(() => listed("a")),
      ConfigError,
    );
    assert.equal(readFileSync(path, "utf8"), "{ gateway: ");
    assert.deepEqual(readdirSync(dir), ["openclaw.json"]);
  });

  test("a link to the file stays a link", async () => {
    const real = join(dir, "dotfiles.json");
    writeFileSync(real, "{}");
    symlinkSync(real, path);
    await createConfigFile({ path, env: {} }).edit(() => listed("a"));
    assert.ok(lstatSync(path).isSymbolicLink());
    assert.match(readFileSync(real, "utf8"), /"a"/);
  });
});

test("a text that looks like a variable is written so that it is read as that text", () => {
  const env = { KEY: "secret" };
  for (const text of [
    "${KEY}",
    "$${KEY}",
    "$$${KEY}",
    "a${KEY}${KEY}b",
    "${NOT SO}",
    "$",
    "${",
    "$${",
    "{KEY}",
  ]) {
    const kept = protectVariables({ list: [text] });
    assert.deepEqual(substituteVariables(kept, env), { list: [text] }, text);
  }
});
