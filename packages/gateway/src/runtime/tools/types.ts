import type { z } from "zod";
import type { UserPart } from "../models/types.ts";
import type { FilePort, ToolPorts } from "./ports.ts";

/** What a call would do that an owner may want to be asked about. The first three are the documented words. */
export type Risk =
  | "system-command"
  | "network-request"
  | "file-delete"
  | "file-write"
  /** Changes what the agent is told of itself in every later session. */
  | "identity-write"
  /** Says something to somebody outside. */
  | "message-send"
  /** Makes the agent act later, when nobody looks. */
  | "schedule"
  /** Hands a form over that holds a password or payment data. */
  | "form-submit";

/** Who is behind a run: the owner of the gateway, or anybody else. */
export type Trust = "owner" | "guest";

export interface ToolContext {
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly sessionKey: string;
  readonly agentId: string;
  readonly toolCallId: string;
  readonly trust: Trust;
  readonly files: FilePort;
  readonly ports: ToolPorts;
  now(): number;
  /** Tells whoever watches how far the call is. Not part of the result; may be thinned out. */
  progress(update: unknown): void;
}

/** A call worked out to the last detail, before anybody is asked: what is allowed is this, and this is what runs. */
export interface PreparedCall {
  readonly risks: readonly Risk[];
  /** What a risk is here, e.g. "it hands over a password", where its usual words say too little. */
  readonly why?: Readonly<Partial<Record<Risk, string>>> | undefined;
  /** What whoever decides sees beside the arguments, e.g. `{argv, cwd, env, sandbox}`. */
  readonly facts?: Record<string, unknown> | undefined;
  /** The words of the call that an allow-list is matched against, and that `always` would put on it; none: it never is. */
  readonly words?: readonly string[] | undefined;
  /** It is shut in so that the usual question need not be asked. */
  readonly contained?: boolean | undefined;
  /**
   * Returns what goes to the model, as JSON; a throw becomes an error result. What is given to `show` the model sees
   * beside it, if it can, during this run: events and the transcript hold the JSON alone.
   */
  run(show: Show): Promise<unknown>;
}

/** Takes a picture. */
export type Show = (picture: Extract<UserPart, { type: "image" }>) => void;

/** Something that the model can do. Arguments are validated by `params` before `prepare` sees them. */
export interface Tool<P extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** For the model: one or two plain sentences. Every byte is sent with every request. */
  readonly description: string;
  readonly params: P;
  /** Changes nothing, so calls of it may run beside each other. */
  readonly parallel?: boolean;
  /** The same call with the same result is no going round in circles: each does something more. */
  readonly repeatable?: boolean;
  /** Its results are what strangers wrote: a turn that has seen one is careful from then on. */
  readonly outside?: boolean;
  /** Works the call out without doing anything yet; a throw becomes an error result. */
  prepare(params: z.output<P>, context: ToolContext): PreparedCall | Promise<PreparedCall>;
}
