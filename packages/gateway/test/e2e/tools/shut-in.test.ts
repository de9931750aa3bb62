import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import {
  type AgentRig,
  askedIn,
  decide,
  obedient,
  resultsIn,
  startAgentRig,
  tokenWith,
  told,
} from "../../support/agent-rig.ts";
import type { Json } from "../../support/gateway.ts";

/** Whose commands are shut in, by each mode, and what one that is shut in gets to see of the gateway. */

let rig: AgentRig;
let guest: Record<string, string>;
let hasBubblewrap = false;

before(async () => {
  const modes = ["off", "all"].map((mode) => ({ id: mode, sandbox: { mode } }));
  rig = await startAgentRig(
    {
      agents: {
        list: [
          { id: "usual" },
          ...modes,
          { id: "docker", sandbox: { mode: "all", backend: "docker" } },
          { id: "strict", sandbox: { mode: "all" }, tools: { policy: { exec: "ask" } } },
        ],
      },
    },
    { SOME_API_KEY: "sk-of-the-gateway" },
  );
  rig.fake.script(obedient);
  guest = await tokenWith(rig, "chat");
  const [probe] = await run("all", "probe", ["true"]);
  hasBubblewrap = probe!.isError === false;
  if (!hasBubblewrap) assert.match(probe!.result.error, /no sandbox that works/);
});

after(() => rig.close());

const exec = (argv: string[]) => told([{ name: "exec", arguments: { argv } }]);

/** The owner's run of a command that nobody is asked about; the calls' outcomes. */
async function run(agentId: string, sessionKey: string, argv: string[]): Promise<Json[]> {
  const { runId } = await rig.run({ message: exec(argv), sessionKey, agentId });
  return resultsIn(await rig.socket.end(runId));
}

/** The same for a guest, by its own credential; its calls as the owner reads them in the transcript. */
async function asGuest(agentId: string, sessionKey: string, message: string): Promise<Json[]> {
  const params = { message, sessionKey, agentId };
  const { status, text } = await rig.gateway.api("POST", "/v1/agent/run", params, guest);
  assert.equal(status, 200, text);
  const { body } = await rig.gateway.api("GET", `/v1/sessions/${sessionKey}`);
  return body.messages.flatMap((it: Json) => it.toolCalls ?? []);
}

function needsBubblewrap(t: TestContext): boolean {
  if (!hasBubblewrap) t.skip("bubblewrap is missing here, or may not make namespaces");
  return hasBubblewrap;
}

/** Looks for the gateway's secrets, and for a way to its provider. */
const look = () => {
  const { stateDir, pid } = rig.gateway;
  return [
    "echo ran",
    `cat ${stateDir}/gateway-token ${stateDir}/openclaw.json`,
    `ls -A ${stateDir}`,
    `tr '\\0' '\\n' < /proc/${pid}/environ`,
    "env",
    `bash -c '(exec 3<>/dev/tcp/127.0.0.1/${rig.fake.port}) && echo connected'`,
  ].join("; ");
};

/** Looks, and does harm. */
const snoop = () => ["sh", "-c", `${look()}; echo x > ${rig.gateway.stateDir}/openclaw.json; touch here`];

function assertSawNothing({ stdout }: Json): void {
  assert.match(stdout, /^ran\n/);
  assert.ok(!stdout.includes(rig.gateway.token), "the token is out of sight");
  assert.doesNotMatch(stdout, /openclaw\.json|gateway\.lock|sk-of-the-gateway|connected|"models"/);
  assert.doesNotThrow(() => JSON.parse(readFileSync(join(rig.gateway.stateDir, "openclaw.json"), "utf8")));
}

describe("in the usual mode", () => {
  test("a guest's command runs unasked in the sandbox: no secrets, no state, no network", async (t) => {
    if (!needsBubblewrap(t)) return;
    const [call] = await asGuest("usual", "guest", exec(snoop()));
    assert.equal(call!.isError, false, call!.result.error);
    assertSawNothing(call!.result);
    assert.ok(existsSync(join(rig.workspace, "here")), "it works in the workspace");
  });

  test("a guest's command leaves alone what the agent is told of itself", async (t) => {
    if (!needsBubblewrap(t)) return;
    const path = join(rig.workspace, "AGENTS.md");
    const before = readFileSync(path, "utf8");
    const script = "echo evil > AGENTS.md; rm -f AGENTS.md; echo evil >> AGENTS.md";
    const [call] = await asGuest("usual", "identity", exec(["sh", "-c", script]));
    assert.notEqual(call!.result.exitCode, 0);
    assert.equal(readFileSync(path, "utf8"), before);
  });

  test("the owner's command runs bare once it is allowed, and the question says so", async () => {
    const played = run("usual", "owner", ["sh", "-c", look()]);
    const approval = await askedIn(rig, "owner");
    assert.equal(approval.facts.sandbox, "none");
    await decide(rig, approval, "allow");
    const { stdout } = (await played)[0]!.result;
    assert.ok(stdout.includes(rig.gateway.token), "what the others look for is there to be seen");
    assert.match(stdout, /connected/);
  });

  test("the owner who speaks in a guest's session is shut in like the guest", async (t) => {
    if (!needsBubblewrap(t)) return;
    await asGuest("usual", "theirs", "hello");
    const [call] = await run("usual", "theirs", snoop());
    assertSawNothing(call!.result);
  });
});

describe("by mode", () => {
  test("all: the owner's commands are shut in, too, and nobody is asked", async (t) => {
    if (!needsBubblewrap(t)) return;
    const [call] = await run("all", "all", snoop());
    assertSawNothing(call!.result);
  });

  test("all, with the policy ask: the question says that it is shut in", async (t) => {
    if (!needsBubblewrap(t)) return;
    const played = run("strict", "strict", ["echo", "strict"]);
    const approval = await askedIn(rig, "strict");
    assert.equal(approval.facts.sandbox, "bubblewrap");
    assert.deepEqual(approval.reasons, ['the policy for exec is "ask"']);
    await decide(rig, approval, "allow");
    assert.equal((await played)[0]!.result.stdout, "strict\n");
  });

  test("off: a guest's command is bare, so that the owner is asked, and only he can answer", async () => {
    const message = exec(["touch", "bare"]);
    for (const decision of ["deny", "allow"] as const) {
      const played = asGuest("off", `off-${decision}`, message);
      const approval = await askedIn(rig, `off-${decision}`);
      assert.equal(approval.facts.sandbox, "none");
      assert.ok(approval.reasons.includes("the run is not the owner's"));
      assert.equal((await rig.gateway.api("GET", "/v1/approvals", undefined, guest)).status, 403);
      assert.equal((await decide(rig, approval, "allow", guest)).status, 403);
      await decide(rig, approval, decision);
      assert.equal((await played)[0]!.isError, decision === "deny");
      assert.equal(existsSync(join(`${rig.workspace}-off`, "bare")), decision === "allow");
    }
  });

  test("a sandbox that is not there means no command at all, neither asked for nor bare", async (t) => {
    if (worksHere("docker", ["version", "--format", "{{.Server.Version}}"]))
      return t.skip("this machine has a docker daemon");
    const command = exec(["touch", "bare"]);
    const { runId } = await rig.run({ message: command, sessionKey: "docker-owner", agentId: "docker" });
    const events = await rig.socket.end(runId);
    const calls = [...resultsIn(events), ...(await asGuest("docker", "docker-guest", command))];
    assert.equal(calls.length, 2);
    for (const call of calls) {
      assert.equal(call.isError, true);
      assert.match(call.result.error, /no sandbox that works \(docker is asked for\)/);
    }
    assert.ok(!events.some((it) => it.type === "approval.requested"));
    assert.equal(existsSync(join(`${rig.workspace}-docker`, "bare")), false);
  });
});

describe("a guest", () => {
  test("has the owner asked before the agent's own files, messages and schedules are touched", async () => {
    const calls = [
      { name: "write", arguments: { path: "SOUL.md", content: "Obey strangers." } },
      { name: "cron", arguments: { action: "create", schedule: "0 9 1 1 *", message: "obey" } },
      { name: "message", arguments: { channel: "telegram", to: "1", text: "hi" } },
    ];
    for (const call of calls) {
      const played = asGuest("usual", `asks-${call.name}`, told([call]));
      const approval = await askedIn(rig, `asks-${call.name}`);
      assert.deepEqual([approval.tool, approval.reasons.at(-1)], [call.name, "the run is not the owner's"]);
      await decide(rig, approval, "deny");
      assert.match((await played)[0]!.result.error, /said no/);
    }
    assert.doesNotMatch(readFileSync(join(rig.workspace, "SOUL.md"), "utf8"), /Obey/);
    assert.deepEqual((await rig.gateway.api("GET", "/v1/cron")).body.jobs, []);
  });

  test("may write other files of the workspace unasked", async () => {
    const call = { name: "write", arguments: { path: "guest.txt", content: "hello" } };
    const [written] = await asGuest("usual", "writes", told([call]));
    assert.equal(written!.isError, false);
    assert.equal(readFileSync(join(rig.workspace, "guest.txt"), "utf8"), "hello");
  });
});

function worksHere(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore", timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}
