import type { BrowserAction, BrowserTab } from "openclaw-protocol";

/**
 * The engine: everything that touches a Chromium. It runs in a thread of its own, so that neither loading Playwright
 * nor a picture of 10 MB holds up the gateway. All of this crosses the thread's border, so it is plain data.
 */
export interface Engine {
  status(): Promise<EngineStatus>;
  start(params: { profile: string }, options: CallOptions): Promise<{ version: string | null }>;
  /** Stops one profile's browser, or all; how many ran. */
  stop(params: { profile?: string | undefined }, options: CallOptions): Promise<number>;
  tabs(params: { profile?: string | undefined }, options: CallOptions): Promise<TabView[]>;
  open(params: Placed & Goal & { url?: string | undefined }, options: CallOptions): Promise<Navigated>;
  navigate(
    params: Placed & Goal & { url: string; viewport?: Size | undefined },
    options: CallOptions,
  ): Promise<Navigated>;
  /** -1: back, 1: forward, 0: reload. */
  history(params: Placed & Goal & { step: -1 | 0 | 1 }, options: CallOptions): Promise<Navigated>;
  activate(params: Placed, options: CallOptions): Promise<TabView>;
  close(params: Placed, options: CallOptions): Promise<boolean>;
  screenshot(params: Placed & PictureWish, options: CallOptions): Promise<Picture>;
  pdf(params: Placed & PdfWish, options: CallOptions): Promise<Uint8Array>;
  snapshot(
    params: Placed & { selector?: string | undefined; page?: number | undefined },
    options: CallOptions,
  ): Promise<Snapshot>;
  /** Looks, and does nothing: what an action would hit and hand over, for whoever decides on it. */
  inspect(params: Placed & { action: BrowserAction }, options: CallOptions): Promise<Inspection>;
  /**
   * Does it. With `only`, an action that would now hand over more than that inspection said is refused with `conflict`.
   * `secret` is the value that `action.secret` names.
   */
  act(
    params: Placed & {
      action: BrowserAction;
      secret?: TypedSecret | undefined;
      only?: Inspection | undefined;
    },
    options: CallOptions,
  ): Promise<Navigated & { detail: string }>;
  evaluate(
    params: Placed & { expression: string },
    options: CallOptions,
  ): Promise<{ value: unknown; url: string }>;
  upload(params: Placed & Pointed & { files: UploadFile[] }, options: CallOptions): Promise<Navigated>;
  /** Clicks something (or opens a URL) that starts a download, and waits for the file. */
  download(
    params: Placed & Pointed & { url?: string | undefined },
    options: CallOptions,
  ): Promise<DownloadedFile>;
  console(params: Placed & { limit: number }, options: CallOptions): Promise<ConsolePage>;
  network(params: Placed & { limit: number }, options: CallOptions): Promise<NetworkPage>;
  /** Frames come as events until `unwatch` or the tab's end. */
  watch(
    params: { watchId: string; tabId: string; maxWidth: number; quality: number },
    options: CallOptions,
  ): Promise<{ tabId: string }>;
  unwatch(params: { watchId: string }): Promise<void>;
  profiles(): Promise<ProfileView[]>;
  createProfile(params: { profile: string; color?: string | undefined }): Promise<ProfileView>;
  /** Stops its browser and forgets what it has kept. */
  resetProfile(params: { profile: string }, options: CallOptions): Promise<ProfileView>;
  deleteProfile(params: { profile: string }, options: CallOptions): Promise<boolean>;
  /** Closes the tabs and contexts of an owner that is gone. */
  endOwner(params: { owner: string }): Promise<void>;
  shutdown(): Promise<void>;
}

export interface CallOptions {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What the engine says by itself. */
export type EngineEvent =
  | {
      type: "frame";
      watchId: string;
      tabId: string;
      data: Uint8Array;
      width: number;
      height: number;
      at: number;
    }
  /** A watch has ended with its tab. */
  | { type: "watch.end"; watchId: string }
  /** A file has come down that nobody waits for; it lies at `file.path` for whoever takes it away. */
  | { type: "download"; owner: string; file: DownloadedFile }
  /** No browser runs any more: the thread may be let go. */
  | { type: "idle" }
  | { type: "log"; level: "info" | "warn" | "error"; facts: Record<string, unknown>; text: string };

/** Who asks, and which tab is meant. */
export interface Placed {
  /**
   * `api` for clients, `session:<id>` for an agent's session. An owner's tabs are its own; `api` may name any tab by
   * its id. In `incognito` each owner has a context, and so cookies, of its own.
   */
  readonly owner: string;
  /** The session's key, for the list of tabs. */
  readonly sessionKey?: string | undefined;
  readonly profile?: string | undefined;
  readonly tabId?: string | undefined;
  /** Most time of the whole call, ms. */
  readonly timeoutMs?: number | undefined;
}

export interface Goal {
  readonly waitUntil?: "load" | "domcontentloaded" | "networkidle" | "commit" | undefined;
}

/** An element: a ref of the last snapshot, or a CSS selector. */
export interface Pointed {
  readonly ref?: string | undefined;
  readonly selector?: string | undefined;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type TabView = BrowserTab;

export interface Navigated {
  success: boolean;
  url: string;
  title: string;
  status: number | null;
  tabId: string;
  notes?: string[];
}

export interface PictureWish {
  readonly selector?: string | undefined;
  readonly ref?: string | undefined;
  readonly fullPage?: boolean | undefined;
  readonly format?: "png" | "jpeg" | "webp" | undefined;
  readonly quality?: number | undefined;
  readonly viewport?: Size | undefined;
}

export interface Picture extends Size {
  mimeType: string;
  data: Uint8Array;
  tabId: string;
  url: string;
  title: string;
}

export interface PdfWish {
  readonly format?: string | undefined;
  readonly landscape?: boolean | undefined;
  readonly background?: boolean | undefined;
}

export interface Snapshot {
  tabId: string;
  url: string;
  title: string;
  snapshot: string;
  page: number;
  pages: number;
  notes?: string[];
}

/** What an action would do. */
export interface Inspection {
  tabId: string;
  url: string;
  title: string;
  /** The element in words, e.g. `button "Sign in"`; of actions without one, the page. */
  element: string;
  /** What it would hand over: kinds of filled fields of the form, or of the page where there is no form. */
  submits: ("password" | "payment")[];
  /** Where the form goes, if there is one and it says so. */
  action: string | null;
}

export interface TypedSecret {
  readonly name: string;
  readonly value: string;
  readonly hosts: readonly string[];
}

export interface UploadFile {
  readonly name: string;
  readonly mimeType?: string | undefined;
  readonly data: Uint8Array;
}

/** Lies in the engine's download folder until whoever gets it has moved it away. */
export interface DownloadedFile {
  path: string;
  name: string;
  mimeType: string | null;
  size: number;
  url: string;
  tabId: string;
  sessionKey: string | null;
}

export interface ConsolePage {
  tabId: string;
  entries: { at: string; level: string; text: string; url: string }[];
}

export interface NetworkPage {
  tabId: string;
  entries: {
    at: string;
    method: string;
    url: string;
    type: string;
    status: number | null;
    ms: number | null;
    error: string | null;
  }[];
}

export interface ProfileView {
  name: string;
  color: string | null;
  running: boolean;
  persistent: boolean;
  remote: boolean;
  tabs: number;
}

export interface EngineStatus {
  running: boolean;
  version: string | null;
  profile: string | null;
  executable: string | null;
  processes: { profile: string; startedAt: string; memoryBytes: number | null }[];
  waiting: number;
  tabs: TabView[];
}

/** What the engine is told at its start. */
export interface EngineConfig {
  readonly headless: boolean;
  readonly noSandbox?: boolean | undefined;
  readonly executablePath?: string | undefined;
  readonly evaluateEnabled: boolean;
  readonly remoteCdpTimeoutMs: number;
  readonly remoteCdpHandshakeTimeoutMs: number;
  readonly defaultProfile: string;
  /** By name; `cdpUrl` is there where the profile's browser runs already. */
  readonly profiles: Readonly<Record<string, { color?: string | undefined; cdpUrl?: string | undefined }>>;
  readonly allowPrivate: readonly string[];
  readonly allowHosts: readonly string[];
  readonly denyHosts: readonly string[];
  readonly idleMs: number;
  readonly maxBrowsers: number;
  readonly maxTabs: number;
  readonly downloadMaxBytes: number;
  /** Absolute: what profiles keep, what comes down, notes on running browsers. */
  readonly folder: string;
  /** What Chromium is started with: the gateway's environment without its secrets. */
  readonly env: Readonly<Record<string, string>>;
}
