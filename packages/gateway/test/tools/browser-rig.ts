import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { BrowserTab, Media } from "openclaw-protocol";
import type { UserPart } from "../../src/runtime/models/types.ts";
import { callTool } from "../../src/runtime/tools/call.ts";
import { loadTools, toolNames } from "../../src/runtime/tools/index.ts";
import type { ToolPorts } from "../../src/runtime/tools/ports.ts";
import type { PreparedCall, Trust } from "../../src/runtime/tools/types.ts";
import type { Engine, Inspection, Navigated } from "../../src/services/browser/engine/base/types.ts";
import { createBrowserPort } from "../../src/services/browser/port.ts";
import type { RunScope } from "../../src/services/run-scope.ts";
import { bareContext } from "../runtime/scripted-loop.ts";

const sessionKey = "talk";
export const secretValue = "correct horse battery";

/** A page as the engine tells of it. */
export const page: Navigated = {
  success: true,
  url: "https://shop.example/cart",
  title: "Cart",
  status: 200,
  tabId: "t_1",
};

export const tab = (over: Partial<BrowserTab> = {}): BrowserTab => ({
  ...{ id: "t_1", url: page.url, title: page.title, active: true },
  ...{ profile: "default", sessionKey, ...over },
});

export const inspection = (over: Partial<Inspection> = {}): Inspection => ({
  ...{ tabId: page.tabId, url: page.url, title: page.title },
  ...{ element: 'button "Buy"', submits: [], action: null, ...over },
});

export interface Asked {
  method: string;
  params: Record<string, unknown>;
}

export interface BrowserRig {
  readonly workspace: string;
  /** What the engine was asked, in order. */
  readonly asked: Asked[];
  /** The last time that it was asked for this. */
  last(method: string): Record<string, unknown> | undefined;
  /** What was kept in the media store, and what it was told of it. */
  readonly kept: { bytes: Buffer; facts: Record<string, unknown> }[];
  call(
    tool: string,
    args: unknown,
    options?: CallOptions,
  ): Promise<{
    result: Record<string, unknown>;
    isError: boolean;
    media: UserPart[] | undefined;
    prepared: PreparedCall | undefined;
  }>;
}

interface CallOptions {
  trust?: Trust;
  allowed?: boolean;
  signal?: AbortSignal;
  /** Happens after the call was worked out and before it runs. */
  meanwhile?(): Promise<unknown> | unknown;
}

/** Every browser tool over the real port, whose engine is an object that answers as a test says. */
export async function browserRig(t: TestContext, answers: Partial<Engine> = {}): Promise<BrowserRig> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "openclaw-browser-")));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  const tools = await loadTools(toolNames.filter((it) => it.startsWith("browser_")));
  const asked: Asked[] = [];
  const kept: BrowserRig["kept"] = [];
  const usual: Partial<Engine> = {
    tabs: async () => [tab()],
    navigate: async () => page,
    open: async () => ({ ...page, tabId: "t_2" }),
    history: async () => page,
    activate: async ({ tabId = "t_1" }) => tab({ id: tabId }),
    close: async () => true,
    snapshot: async () => ({ ...page, snapshot: '- button "Buy" [ref=e1]', page: 1, pages: 1 }),
    inspect: async () => inspection(),
    act: async () => ({ ...page, detail: 'Clicked button "Buy"' }),
    evaluate: async () => ({ value: { a: 1 }, url: page.url }),
    upload: async () => page,
    screenshot: async () => ({
      ...page,
      mimeType: "image/jpeg",
      data: Buffer.from("jpeg"),
      width: 4,
      height: 3,
    }),
    async download({ url = `${page.url}/file` }) {
      const path = join(folder, "engine's own");
      await writeFile(path, "the file");
      const more = { mimeType: "text/plain", tabId: "t_1", sessionKey };
      return { path, name: "report.txt", size: 8, url, ...more };
    },
    profiles: async () =>
      ["default", "incognito", "work"].map((name) => ({
        ...{ name, color: null, running: false, persistent: true, remote: false, tabs: 0 },
      })),
    ...answers,
  };
  // What a test does not answer is not asked for.
  const engine = new Proxy(usual, {
    get(target, method: keyof Engine) {
      if (!(method in target)) return undefined; // `then`, say: it is no promise
      return (params: Record<string, unknown> = {}, ...rest: unknown[]) => {
        asked.push({ method, params });
        return (target[method] as (...args: unknown[]) => unknown)(params, ...rest);
      };
    },
  }) as Engine;
  const bind = createBrowserPort({
    engine: async () => engine,
    config: {
      defaultProfile: "default",
      secrets: { "shop-password": { value: secretValue, hosts: ["shop.example"] } },
    },
    media: {
      async keep(content, facts): Promise<Media> {
        const bytes = "path" in content ? await readFile(content.path) : Buffer.from(content.bytes);
        kept.push({ bytes, facts: { ...facts } });
        const { name, origin, source } = facts;
        const mimeType = facts.mimeType ?? "application/octet-stream";
        const row = { mediaId: `media-${kept.length}`, name, mimeType, size: bytes.length, origin, source };
        return { ...row, sessionKey: facts.sessionKey, createdAt: new Date(0).toISOString() };
      },
    },
  });

  return {
    workspace,
    asked,
    kept,
    last: (method) => asked.findLast((it) => it.method === method)?.params,
    async call(name, args, { trust = "owner", allowed = true, signal, meanwhile } = {}) {
      const scope = { sessionId: 7, sessionKey, trust } as RunScope; // all that the port looks at
      const ports = { browser: bind(scope) } as Partial<ToolPorts> as ToolPorts; // these tools use no others
      const context = bareContext({
        ...{ files: { root: workspace, closed: [] }, ports, trust, sessionKey },
        ...(signal && { signal }),
      });
      let prepared: PreparedCall | undefined;
      const outcome = await callTool(
        tools.get(name),
        { id: "c", name, arguments: JSON.stringify(args) },
        context,
        async (ready) => {
          ({ prepared } = ready);
          await meanwhile?.();
          return allowed ? { allowed } : { allowed, reason: "no" };
        },
      );
      const result = outcome.result as Record<string, unknown>; // browser tools give objects
      return { result, isError: outcome.isError, media: outcome.media, prepared };
    },
  };
}

/** Whether something is there. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
