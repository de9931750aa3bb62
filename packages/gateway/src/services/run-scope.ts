import type { Scope, ToolPolicy } from "openclaw-protocol";
import type { ToolPorts } from "../runtime/tools/ports.ts";
import type { Trust } from "../runtime/tools/types.ts";
import type { Agent } from "./agents/agents.ts";

/** What a run may do: worked out once when it starts, handed to everything that acts for it. */
export interface RunScope {
  readonly runId: string;
  readonly sessionId: number;
  readonly sessionKey: string;
  /** `webchat` for sessions of HTTP, WebSocket, CLI and console. */
  readonly channel: string;
  readonly agent: Agent;
  /** Who started it: names the credential, as in `Caller`. */
  readonly caller: { readonly id: string; readonly scopes: readonly Scope[] };
  readonly trust: Trust;
  /** 0: a person's or a schedule's run; 1: a sub-agent's; and so on. */
  readonly depth: number;
  /** The tools that it has, sub-agents at most their parent's. */
  readonly tools: readonly string[];
  /** Whether its commands must be shut in. */
  readonly sandboxed: boolean;
  /** The rules of the runs above it, which bind it beside its own agent's. */
  readonly above?: readonly PolicyOrigin[] | undefined;
  /** Whether it, or a run above it, has read what strangers wrote; the gate sets it. */
  tainted?: boolean | undefined;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
}

/** Where a run's policies come from: its agent's own, and the channel that names further ones in the config. */
export interface PolicyOrigin {
  readonly channel: string;
  readonly policy: Readonly<Record<string, ToolPolicy>>;
}

/** Makes the ports of one run. */
export type BindPorts = (scope: RunScope) => ToolPorts;

/** What a run hands on to the runs that it starts: they get at most this. Kept on disk with a run's options. */
export interface Inherited {
  readonly depth: number;
  readonly trust: Trust;
  readonly sandboxed: boolean;
  readonly tools: readonly string[];
  readonly scopes: readonly Scope[];
  readonly above?: readonly PolicyOrigin[] | undefined;
  readonly tainted?: boolean | undefined;
}
