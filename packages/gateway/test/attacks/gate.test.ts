import assert from "node:assert/strict";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { callTool } from "../../src/runtime/tools/call.ts";
import type { PreparedCall, Tool, ToolContext } from "../../src/runtime/tools/types.ts";
import { command, type GateRig, owner, risky, startGate } from "../approvals/gate-rig.ts";
import { until } from "../support/until.ts";

/** Ways to get a call past whoever decides. */

let rig: GateRig;
let free: GateRig;

before(async () => {
  rig = await startGate({ tools: { allowlist: ["ls *", "git status", "show *", "pager *", "echo *"] } });
  free = await startGate({ tools: { policy: { "*": "full" } } });
  await mkdir(join(rig.folder, "workspace"));
});

after(async () => {
  await rig.close();
  await free.close();
});

describe("a page that tells the agent what to do", () => {
  test("gets no command, message, schedule, password or change of the agent's instructions unasked, even where all is free", async () => {
    const risks = ["system-command", "message-send", "schedule", "identity-write", "form-submit"] as const;
    for (const risk of risks) {
      assert.equal(await free.outcome(risky(risk)), "runs", `${risk} before anything was read`);
      assert.equal(await free.outcome(risky(risk), { tainted: true }), "asked", risk);
    }
  });

  test("is not forgotten by the calls that follow in the same run", async () => {
    const scope = free.scope();
    assert.equal(await free.outcome(risky("network-request"), { scope, tainted: true }), "runs");
    assert.equal(await free.outcome(command("/bin/ls"), { scope, tainted: false }), "asked");
  });

  test("cannot write what the agent is told of itself by an earlier always", async () => {
    const write: PreparedCall = { ...risky("identity-write"), words: ["AGENTS.md"] };
    const guests = free.scope({ trust: "guest" });
    const first = free.play(write, { tool: "write", scope: guests });
    await first.question;
    assert.equal(free.approvals.list()[0]?.canAlways, false);
    first.end();
    await first.verdict;
    const asking = { tools: { policy: { write: "ask" } } };
    const other = await startGate(asking);
    try {
      await other.answered("always", write, { tool: "write" });
      assert.equal(await other.outcome(write, { tool: "write" }), "runs");
      assert.equal(await other.outcome(write, { tool: "write", tainted: true }), "asked");
    } finally {
      await other.close();
    }
  });

  test("is told to whoever decides", async () => {
    const played = free.play(command("/bin/ls"), { tainted: true });
    await played.question;
    assert.ok(free.approvals.list()[0]?.reasons.includes("this turn has read outside content"));
    played.end();
    await played.verdict;
  });
});

describe("a guest", () => {
  test("gets nothing grave unasked, even where all is free", async () => {
    for (const risk of ["system-command", "message-send", "schedule", "identity-write"] as const)
      assert.equal(await free.outcome(risky(risk), { scope: free.scope({ trust: "guest" }) }), "asked", risk);
  });
});

describe("words that smuggle", () => {
  const wrapped = [
    ["/usr/bin/env", "-S", "ls -l; id"],
    ["/usr/bin/env", "ls"],
    ["/bin/sh", "-c", "ls"],
    ["/bin/bash", "-c", "ls; id"],
    ["/usr/bin/git", "-c", "core.fsmonitor=id", "status"],
    ["/usr/bin/git", "status", ";", "id"],
    ["/usr/bin/git", "status\nid"],
    ["/usr/bin/GIT", "status"],
    ["git", "status"],
    ["./git", "status"],
    ["/tmp/ls"],
    ["/usr/bin/../../tmp/ls"],
    ["/usr/bin/ls\u0000x"],
    ["/usr/bin/l", "s"],
    ["/usr/bin/ls *"],
    ["/usr/bin/busybox", "ls"],
  ];
  for (const words of wrapped)
    test(`${JSON.stringify(words)} is on no list that names ls and git status`, async () => {
      assert.equal(await rig.outcome(command(...words)), "asked");
    });

  test("a list with a last * is not one for programs that run others, by whatever name", async () => {
    for (const name of "env bash python3.12 node22 perl5 xargs find sudo ssh git awk tar docker-compose x86_64-linux-gnu-gcc-12".split(
      " ",
    )) {
      const open = await startGate({ tools: { allowlist: [`${name} *`, `/usr/bin/${name} *`] } });
      try {
        assert.equal(open.approvals.warnings.length, 2, name);
        assert.equal(await open.outcome(command(`/usr/bin/${name}`, "x")), "asked", name);
      } finally {
        await open.close();
      }
    }
  });

  test("a harmless name that is a link to an interpreter is none", async () => {
    const tools = join(rig.folder, "tools");
    await mkdir(tools);
    await symlink("/bin/sh", join(tools, "report"));
    const open = await startGate({ tools: { allowlist: [[join(tools, "report"), "*"]] } });
    try {
      assert.equal(await open.outcome(command(join(tools, "report"), "-c", "id")), "asked");
    } finally {
      await open.close();
    }
  });

  test("what is fed to an allowed command, or stands around it, is not in its words", async () => {
    const ls = command("/usr/bin/ls");
    assert.equal(await rig.outcome(ls), "runs");
    assert.equal(await rig.outcome(ls, { params: { argv: ["ls"], stdin: "id" } }), "asked");
    assert.equal(await rig.outcome(ls, { params: { argv: ["ls"], env: { LESSOPEN: "|id" } } }), "asked");
    assert.equal(await rig.outcome(ls, { params: { argv: ["ls"], env: {}, stdin: "" } }), "runs");
  });

  test("a file that the agent may have written is on no list, and never allowed for good", async () => {
    const { workspace } = rig.agents.get();
    const script = join(workspace, "ls");
    await writeFile(script, "#!/bin/sh\n");
    await chmod(script, 0o755);
    const link = join(rig.folder, "outside");
    await symlink(script, link);
    const open = await startGate({ tools: { allowlist: [[script], [link]] } });
    try {
      const scope = open.scope({ agent: rig.agents.get() });
      for (const path of [script, link]) {
        const played = open.play(command(path), { scope });
        await Promise.race([played.question, played.verdict]);
        assert.equal(open.approvals.list()[0]?.canAlways, false, path);
        played.end();
        await played.verdict;
      }
    } finally {
      await open.close();
    }
  });

  test("one file that is many programs is never allowed for good", async () => {
    const played = rig.play(command("/bin/busybox", "ls"));
    await played.question;
    assert.equal(rig.approvals.list()[0]?.canAlways, false);
    played.end();
    await played.verdict;
  });
});

describe("what was allowed", () => {
  test("is what runs: changing the words afterwards changes nothing", async () => {
    const ran: string[] = [];
    const written = { argv: ["ls"] };
    const tool: Tool = {
      name: "exec",
      description: "",
      params: z.object({ argv: z.array(z.string()) }),
      prepare(params) {
        const { argv } = params as typeof written; // the schema above
        const bound = [...argv];
        return { ...command("/opt/x", ...bound), run: async () => ran.push(bound.join(" ")) };
      },
    };
    const context = { signal: new AbortController().signal } as ToolContext; // all that is looked at here
    const call = { id: "c", name: "exec", arguments: JSON.stringify(written) };
    let given: { argv: string[] } | undefined;
    const outcome = callTool(tool, call, context, ({ params, prepared }) => {
      given = params as typeof written; // as above
      return rig.play(prepared, { params }).verdict;
    });
    await until(() => rig.approvals.list().length === 1, "somebody is asked");
    const [shown] = rig.approvals.list();
    given!.argv[0] = "rm";
    assert.deepEqual(shown?.params, { argv: ["ls"] });
    await rig.approvals.resolve({ approvalId: shown!.approvalId, decision: "allow" }, owner);
    assert.equal((await outcome).isError, false);
    assert.deepEqual(ran, ["ls"]);
  });

  test("once is allowed once", async () => {
    await rig.answered("allow", command("/usr/bin/id"));
    assert.equal(await rig.outcome(command("/usr/bin/id")), "asked");
  });

  test("cannot be hidden behind more than anybody can read", async () => {
    const played = rig.play(command("/usr/bin/id"), { params: { argv: ["x".repeat(9_000), "; rm -rf /"] } });
    await played.question;
    const approval = rig.approvals.list()[0]!; // somebody is asked
    assert.ok(approval.reasons.includes("it is too long to be shown whole"));
    assert.deepEqual((approval.params as { argv: string[] }).argv[1], "; rm -rf /");
    assert.equal(approval.canAlways, false);
    played.end();
    await played.verdict;
  });
});
