import type { BrowserAction, BrowserTab, ResultOf } from "openclaw-protocol";

/** What tools need of the house, bound to one run by whoever makes the run. */
export interface ToolPorts {
  readonly commands: CommandPort;
  readonly web: WebPort;
  readonly sessions: SessionPort;
  readonly tasks: TaskPort;
  readonly channels: ChannelPort;
  readonly schedule: SchedulePort;
  readonly browser: BrowserPort;
}

/** Where a run's file tools may go. */
export interface FilePort {
  /** The workspace, absolute and real. */
  readonly root: string;
  /** Folders that stay closed even where they lie within it: the gateway's own state. */
  readonly closed: readonly string[];
}

export interface CommandRequest {
  readonly argv: readonly string[];
  /** Relative to the workspace; the workspace itself unless told. */
  readonly cwd?: string | undefined;
  /** Further variables. Names that change what runs are refused. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly stdin?: string | undefined;
}

export interface CommandResult {
  exitCode: number | null;
  /** The signal that ended it, e.g. SIGKILL. */
  signal: string | null;
  stdout: string;
  stderr: string;
  /** Bytes that did not fit. */
  truncated: number;
  timedOut: boolean;
  ms: number;
}

/** A command worked out: the binary found, the folder checked, the environment made. */
export interface PreparedCommand {
  /** Shown to whoever decides; `env` lists every variable that the command will see. */
  readonly facts: {
    argv: readonly string[];
    executable: string;
    cwd: string;
    env: Readonly<Record<string, string>>;
    sandbox: "none" | "bubblewrap" | "docker";
  };
  /** Runs it and waits. */
  run(options: { signal: AbortSignal; onOutput(text: string): void }): Promise<CommandResult>;
  /** Starts it and leaves it running, owned by the run's session. */
  start(): Promise<ProcessView>;
}

export interface ProcessView {
  processId: string;
  argv: readonly string[];
  sandbox: PreparedCommand["facts"]["sandbox"];
  status: "running" | "ended";
  exitCode: number | null;
  signal: string | null;
  startedAt: string;
}

export interface CommandPort {
  /** Throws where the command cannot run: no such program, a folder outside, no sandbox though one is demanded. */
  prepare(request: CommandRequest): Promise<PreparedCommand>;
  /** The session's background processes. */
  list(): Promise<ProcessView[]>;
  /** Output from a place on; `next` is the place to ask from later. Waits up to `waitMs` for something new. */
  output(
    processId: string,
    options: { from?: number | undefined; waitMs?: number | undefined; signal: AbortSignal },
  ): Promise<ProcessView & { output: string; next: number; dropped: number }>;
  write(processId: string, text: string, end: boolean): Promise<void>;
  kill(processId: string): Promise<ProcessView>;
}

export interface WebPage {
  url: string;
  status: number;
  contentType: string;
  title: string | null;
  text: string;
  truncated: boolean;
  cached: boolean;
}

export interface WebPort {
  fetch(url: string, options: { maxChars: number; signal: AbortSignal }): Promise<WebPage>;
  search(
    query: string,
    options: { count: number; signal: AbortSignal },
  ): Promise<{ provider: string; results: { title: string; url: string; snippet: string }[] }>;
}

/** Sessions that this run may see: those of its own agent and owner. */
export interface SessionPort {
  list(options: { limit: number; search?: string | undefined }): Promise<unknown>;
  history(sessionKey: string, options: { limit: number }): Promise<unknown>;
  /** Says something in another session; its answer where `waitMs` is enough for it. */
  send(
    sessionKey: string,
    message: string,
    options: { waitMs: number; signal: AbortSignal },
  ): Promise<unknown>;
}

export interface TaskPort {
  /** Starts a sub-agent with at most this run's rights. */
  spawn(
    task: {
      prompt: string;
      label?: string | undefined;
      agentId?: string | undefined;
      model?: string | undefined;
    },
    options: { wait: boolean; signal: AbortSignal },
  ): Promise<unknown>;
  list(): Promise<unknown>;
}

export interface ChannelPort {
  send(
    message: { channel: string; to: string; text: string },
    options: { signal: AbortSignal },
  ): Promise<unknown>;
}

export interface SchedulePort {
  list(): Promise<unknown>;
  /** When such a job would run first, ISO 8601. Throws what is wrong with it. */
  check(job: { schedule: string; timezone?: string | undefined }): Promise<string>;
  create(job: {
    name: string;
    schedule: string;
    timezone?: string | undefined;
    message: string;
    once?: boolean | undefined;
  }): Promise<unknown>;
  delete(jobId: string): Promise<unknown>;
}

/** Where a tab is, after something was done on it. */
export type BrowserPage = ResultOf<"browser.navigate">;

/** An element: a ref of the last snapshot, or a CSS selector. */
export interface BrowserTarget {
  readonly ref?: string | undefined;
  readonly selector?: string | undefined;
}

/** What an action would hit, and which filled fields it would hand over. */
export interface BrowserInspection {
  tabId: string;
  url: string;
  title: string;
  element: string;
  submits: ("password" | "payment")[];
  /** Where the form goes, if there is one and it says so. */
  action: string | null;
}

/** A picture of a page. It is kept, so that people can open it, too. */
export interface BrowserShot {
  url: string;
  title: string;
  mimeType: string;
  width: number;
  height: number;
  mediaId: string;
  /** Undefined: it is too large for a model. */
  data: Uint8Array | undefined;
}

export interface BrowserFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** The run's tabs of the browser: each method is about the active one, unless it names another. */
export interface BrowserPort {
  /** `profile`: the one in use unless told. Throws `forbidden` for one that the run may not have. */
  navigate(
    to: { url: string; profile?: string | undefined },
    options: { signal: AbortSignal },
  ): Promise<BrowserPage>;
  /** In a new tab; without `url` an empty one. */
  open(
    to: { url?: string | undefined; profile?: string | undefined },
    options: { signal: AbortSignal },
  ): Promise<BrowserPage>;
  /** -1: back, 1: forward, 0: reload. */
  history(
    step: -1 | 0 | 1,
    at: { tabId?: string | undefined },
    options: { signal: AbortSignal },
  ): Promise<BrowserPage>;
  tabs(options: { signal: AbortSignal }): Promise<BrowserTab[]>;
  /** The active tab. Throws `conflict` where no page is open. */
  active(options: { signal: AbortSignal }): Promise<BrowserTab>;
  activate(tabId: string, options: { signal: AbortSignal }): Promise<BrowserTab>;
  close(at: { tabId?: string | undefined }, options: { signal: AbortSignal }): Promise<boolean>;
  snapshot(
    wish: { page?: number | undefined; selector?: string | undefined },
    options: { signal: AbortSignal },
  ): Promise<ResultOf<"browser.snapshot">>;
  screenshot(
    wish: { selector?: string | undefined; fullPage?: boolean | undefined },
    options: { signal: AbortSignal },
  ): Promise<BrowserShot>;
  /** Looks, and does nothing. Without an action: what could be had of the page as a whole. */
  inspect(action: BrowserAction | undefined, options: { signal: AbortSignal }): Promise<BrowserInspection>;
  /** Does it in the tab of `only`, and throws `conflict` if it would hand over more than that says. */
  act(
    action: BrowserAction,
    options: { only?: BrowserInspection | undefined; signal: AbortSignal },
  ): Promise<ResultOf<"browser.act">>;
  /** Throws `conflict` if the tab of `only` is no longer at the same site. */
  upload(
    to: BrowserTarget,
    files: readonly BrowserFile[],
    options: { only: Pick<BrowserTab, "id" | "url">; signal: AbortSignal },
  ): Promise<BrowserPage>;
  /** Gives the file to `save`, which copies it from `path` and says what the copy is called; then it is kept. */
  download(
    from: BrowserTarget & { url?: string | undefined },
    options: { save(file: { path: string; name: string }): Promise<string>; signal: AbortSignal },
  ): Promise<{ path: string; mediaId: string; name: string; size: number; url: string }>;
  evaluate(expression: string, options: { signal: AbortSignal }): Promise<{ value: unknown; url: string }>;
}
