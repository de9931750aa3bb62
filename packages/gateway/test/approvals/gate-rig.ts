import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema } from "openclaw-protocol";
import type { GatewayError } from "../../src/lib/errors.ts";
import { createIds } from "../../src/lib/ids.ts";
import { openLog } from "../../src/lib/log.ts";
import type { PreparedCall, Trust } from "../../src/runtime/tools/types.ts";
import { createAgents } from "../../src/services/agents/agents.ts";
import { createApprovals } from "../../src/services/approvals/approvals.ts";
import type { ApprovalEvent, GateRequest, Verdict } from "../../src/services/gate.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import type { Json } from "../support/gateway.ts";

export type GateRig = Awaited<ReturnType<typeof startGate>>;

export interface Played {
  verdict: Promise<Verdict>;
  events: ApprovalEvent[];
  /** Resolves when somebody is asked. */
  question: Promise<"asked">;
  /** The id of the question that the call has raised; undefined: none. */
  asked(): string | undefined;
  /** Ends the run. */
  end(): void;
  /** How often the run's clock stood still, and whether it does now. */
  pauses: { count: number; now: number };
}

export const owner = { id: "gateway" };

/** A command as the tool for it would prepare it. */
export function command(...words: string[]): PreparedCall {
  return {
    risks: ["system-command"],
    words,
    facts: { argv: words, cwd: "/w", env: {} },
    run: async () => "ran",
  };
}

export function risky(...risks: PreparedCall["risks"]): PreparedCall {
  return { risks, run: async () => "ran" };
}

/** The gate over a real database; nothing listens and no model speaks. */
export async function startGate(config: Json = {}, over: (db: Database) => Database = (db) => db) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gate-"));
  const opened = await openDatabase(join(folder, "openclaw.db"), "process", 0);
  const parsed = configSchema.parse(config);
  const agents = createAgents(parsed.agents, { stateDir: folder, homeDir: folder });
  const time = { now: 1_000 };
  const approvals = createApprovals({
    db: over(opened),
    config: parsed.approvals,
    tools: parsed.tools,
    ids: createIds(),
    clock: { now: () => time.now },
    log: openLog("silent").log,
  });

  function scope(facts: Partial<RunScope> & { trust?: Trust } = {}): RunScope {
    return {
      runId: "run-1",
      sessionId: 1,
      sessionKey: "s",
      channel: "webchat",
      agent: agents.get(),
      caller: { id: "gateway", scopes: ["admin"] },
      trust: "owner",
      depth: 0,
      tools: [],
      sandboxed: false,
      signal: new AbortController().signal,
      ...facts,
    };
  }

  function play(prepared: PreparedCall, facts: Partial<GateRequest> = {}): Played {
    const run = new AbortController();
    const events: ApprovalEvent[] = [];
    const pauses = { count: 0, now: 0 };
    const question = Promise.withResolvers<"asked">();
    const verdict = approvals.gate({
      scope: scope(),
      toolCallId: "call-1",
      tool: "exec",
      params: {},
      prepared,
      tainted: false,
      signal: run.signal,
      publish(event) {
        events.push(event);
        question.resolve("asked");
      },
      async waiting(until) {
        pauses.count += 1;
        pauses.now += 1;
        try {
          return await until;
        } finally {
          pauses.now -= 1;
        }
      },
      ...facts,
    });
    return {
      verdict,
      events,
      pauses,
      question: question.promise,
      asked: () => events.flatMap((it) => (it.type === "approval.requested" ? it.data.approvalId : []))[0],
      end: () => run.abort(new Error("the run is over")),
    };
  }

  /** Whether the call ran without a question, was refused without one, or somebody is asked, who then says no. */
  async function outcome(prepared: PreparedCall, facts: Partial<GateRequest> = {}) {
    const played = play(prepared, facts);
    const first = await Promise.race([played.verdict, played.question]);
    if (first !== "asked") return first.allowed ? "runs" : "refused";
    played.end();
    await played.verdict;
    return "asked";
  }

  /** Plays a call to the question, answers it, and gives the verdict. */
  async function answered(
    decision: "allow" | "always" | "deny",
    prepared: PreparedCall,
    facts: Partial<GateRequest> = {},
  ) {
    const played = play(prepared, facts);
    await played.question;
    await approvals.resolve({ approvalId: played.asked()!, decision }, owner);
    return { verdict: await played.verdict, events: played.events };
  }

  return {
    approvals,
    agents,
    db: opened,
    folder,
    time,
    scope,
    play,
    outcome,
    answered,
    decisions: async () => (await approvals.log({})).decisions,
    async close() {
      await approvals.close();
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Does the work on a gate of its own. */
export async function withGate(config: object, work: (rig: GateRig) => Promise<void>): Promise<void> {
  const rig = await startGate(config);
  try {
    await work(rig);
  } finally {
    await rig.close();
  }
}

/** Recognises an error by its code and param. */
export const failsWith = (code: GatewayError["code"], param: string) => (error: GatewayError) =>
  error.code === code && error.param === param;
