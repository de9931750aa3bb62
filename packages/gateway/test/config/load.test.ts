import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { type ConfigSources, loadConfig } from "../../src/config/load.ts";

describe("loadConfig", () => {
  let home: string;
  let counter = 0;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "openclaw-config-"));
  });
  after(() => rm(home, { recursive: true, force: true }));

  async function load(text?: string, rest: Partial<ConfigSources> = {}) {
    const path = join(home, `config-${counter++}.json`);
    if (text !== undefined) await writeFile(path, text);
    return loadConfig({
      homeDir: home,
      ...rest,
      env: { ...(text !== undefined && { OPENCLAW_CONFIG_PATH: path }), ...rest.env },
    });
  }

  async function fault(text?: string, rest?: Partial<ConfigSources>): Promise<string> {
    try {
      await load(text, rest);
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      assert.equal(error.exitCode, 2);
      return error.message;
    }
    assert.fail("the config was accepted");
  }

  it("shows a faulty value as it is written, never what a ${VARIABLE} in it holds", async () => {
    const text =
      '{ agents: { defaults: { thinking: "${MY_VARIABLE}" } }, browser: { enabled: "${MY_VARIABLE}" } }';
    const message = await fault(text, { env: { MY_VARIABLE: "hunter2" } });
    assert.match(message, /agents\.defaults\.thinking must be .*\$\{MY_VARIABLE\}/);
    assert.doesNotMatch(message, /hunter2/);
  });

  it("serves with defaults where there is no file", async () => {
    const loaded = await load();
    assert.equal(loaded.found, false);
    assert.equal(loaded.config.gateway.port, 18_789);
    assert.equal(loaded.host, "127.0.0.1");
    assert.equal(loaded.auth.mode, "token");
    assert.equal(loaded.stateDir, join(home, ".openclaw"));
    assert.deepEqual(loaded.warnings, []);
  });

  it("lets the environment win over the file and flags over both", async () => {
    const text = "{ gateway: { port: 1000, bind: '127.0.0.2' }, logging: { level: 'error' } } // JSON5";
    assert.equal((await load(text)).config.gateway.port, 1000);
    const env = { OPENCLAW_GATEWAY_PORT: "2000", OPENCLAW_LOG_LEVEL: "debug" };
    const byEnv = await load(text, { env });
    assert.equal(byEnv.config.gateway.port, 2000);
    assert.equal(byEnv.config.logging.level, "debug");
    const byFlag = await load(text, { env, flags: { port: "3000", bind: "loopback" } });
    assert.equal(byFlag.config.gateway.port, 3000);
    assert.equal(byFlag.host, "127.0.0.1");
  });

  it("refuses a named file that is not there", async () => {
    const missing = join(home, "nowhere.json");
    assert.match(
      await fault(undefined, { flags: { config: missing } }),
      /Config file not found: .*nowhere\.json/,
    );
    assert.match(await fault(undefined, { env: { OPENCLAW_CONFIG_PATH: missing } }), /Config file not found/);
  });

  it("points at the place of a syntax error", async () => {
    assert.match(await fault("{ gateway: { port: 1, } , ] }"), /Invalid JSON in config file .* at 1:27/);
    assert.match(await fault("[]"), /must hold an object/);
  });

  it("names the key, what it must be and what it is", async () => {
    assert.equal(
      await fault(`{ gateway: { port: "18789" } }`),
      'gateway.port must be a number, not "18789".',
    );
    assert.equal(
      await fault(`{ browser: { enabled: "yes" } }`),
      'browser.enabled must be true or false, not "yes".',
    );
    assert.match(
      await fault(`{ gateway: { auth: { mode: "tokn" } } }`),
      /must be one of token.*Did you mean "token"\?/,
    );
    assert.equal(
      await fault("{ gateway: { port: 70000 } }"),
      "gateway.port must be at most 65535, not 70000.",
    );
    assert.match(await fault("{ agents: { list: [{}] } }"), /^agents\.list\[0\]\.id is required/);
    assert.match(
      await fault("{ agents: { defaults: { model: 3 } } }"),
      /agents\.defaults\.model must be "provider\/model"/,
    );
  });

  it("names every fault at once and never shows a secret", async () => {
    const message = await fault(`{ gateway: { port: -1, auth: { token: 123456789 } } }`);
    assert.equal(message.split("\n").length, 2);
    assert.doesNotMatch(message, /123456789/);
  });

  it("names the variable or flag whose port is none", async () => {
    assert.match(
      await fault(undefined, { env: { OPENCLAW_GATEWAY_PORT: "abc" } }),
      /OPENCLAW_GATEWAY_PORT must be/,
    );
    assert.match(await fault(undefined, { flags: { port: "70000" } }), /--port must be/);
  });

  it("warns of unknown keys with the nearest real one, and only briefly of other versions' root keys", async () => {
    const { warnings } = await load(`{
      gatway: {}, talk: {}, hooks: {},
      gateway: { prot: 1, auth: { xyzzy: 1 } },
      models: { providers: { mine: { baseUri: "http://x", models: [{ id: "a", contextwindow: 1 }] } } },
      agents: { defaults: { model: { primary: "a/b", falbacks: [] } } },
      channels: { telegram: { enabled: false, botToken: "x" } },
    }`);
    assert.deepEqual(warnings, [
      'gatway is not a known key and has no effect. Did you mean "gateway"?',
      'gateway.prot is not a known key and has no effect. Did you mean "port"?',
      "gateway.auth.xyzzy is not a known key and has no effect.",
      'models.providers.mine.baseUri is not a known key and has no effect. Did you mean "baseUrl"?',
      'models.providers.mine.models[0].contextwindow is not a known key and has no effect. Did you mean "contextWindow"?',
      'agents.defaults.model.falbacks is not a known key and has no effect. Did you mean "fallbacks"?',
      "This version does not use these keys: talk, hooks.",
    ]);
  });

  it("puts variables into texts, and names the key whose variable is not set", async () => {
    const text =
      "{ models: { providers: { mine: { apiKey: 'k-${MINE_KEY}', headers: { a: '$${KEPT}' } } } } }";
    const { config } = await load(text, { env: { MINE_KEY: "1" } });
    assert.equal(config.models.providers.mine?.apiKey, "k-1");
    assert.equal(config.models.providers.mine?.headers?.a, "${KEPT}");
    assert.match(
      await fault(text),
      /models\.providers\.mine\.apiKey needs the environment variable MINE_KEY/,
    );
  });

  it("takes a lone password as mode password, but not against a mode or a token that is set", async () => {
    const env = { OPENCLAW_GATEWAY_PASSWORD: "open sesame" };
    const alone = await load(undefined, { env });
    assert.equal(alone.auth.mode, "password");
    assert.equal(alone.auth.password?.reveal(), "open sesame");
    assert.equal(alone.config.gateway.auth.mode, "password");
    assert.equal(
      (await load(undefined, { env: { ...env, OPENCLAW_GATEWAY_TOKEN: "t" } })).auth.mode,
      "token",
    );
    assert.equal((await load("{ gateway: { auth: { mode: 'token' } } }", { env })).auth.mode, "token");
    assert.match(await fault("{ gateway: { auth: { mode: 'password' } } }"), /OPENCLAW_GATEWAY_PASSWORD/);
  });

  it("keeps auth off on loopback alone, and warns of it", async () => {
    const off = await load("{ gateway: { auth: { mode: 'none' } } }");
    assert.equal(off.auth.mode, "off");
    assert.match(off.warnings.join(), /every program on this machine/);
    assert.match(
      await fault("{ gateway: { bind: 'lan', auth: { mode: 'off' } } }"),
      /would open the gateway/,
    );
    assert.match(await fault("{ gateway: { bind: '::', auth: { mode: 'off' } } }"), /would open the gateway/);
  });

  it("closes a config file of the state directory that others can read", async () => {
    const stateDir = await mkdtemp(join(home, "state-"));
    const path = join(stateDir, "openclaw.json");
    await writeFile(path, "{ gateway: { port: 5 } }");
    await chmod(path, 0o644);
    const loaded = await loadConfig({ homeDir: home, env: { OPENCLAW_HOME: stateDir } });
    assert.equal(loaded.config.gateway.port, 5);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });
});
