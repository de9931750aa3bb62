import { z } from "zod";
import { pageResult, toldTitle, toldUrl } from "./browser-told.ts";
import type { BrowserPort } from "./ports.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  action: z.enum(["list", "open", "activate", "close", "back", "forward", "reload"]),
  tabId: z.string().min(1).max(128).optional(),
  url: z.string().max(4_096).optional(),
});

const steps = { back: -1, forward: 1, reload: 0 } as const;

type Tab = Awaited<ReturnType<BrowserPort["tabs"]>>[number];

/** Looks after the tabs, and goes about in the history of one. */
export const tool: Tool<typeof params> = {
  name: "browser_tabs",
  description: "Tabs and history.",
  params,
  repeatable: true,
  outside: true,
  prepare({ action, tabId, url: written }, { ports: { browser }, signal }) {
    const url = written === undefined ? undefined : URL.parse(written)?.href;
    if (written !== undefined && url === undefined)
      throw new Error("This is not a URL. Give it whole, as https://….");
    if (action === "activate" && tabId === undefined)
      throw new Error("Give the tabId. action list tells which there are.");
    return {
      risks: action === "list" || action === "activate" || action === "close" ? [] : ["network-request"],
      facts: {
        action,
        ...(tabId !== undefined && { tabId }),
        ...(url !== undefined && { url: toldUrl(url) }),
      },
      async run() {
        switch (action) {
          case "list":
            return { tabs: (await browser.tabs({ signal })).map(viewOf) };
          case "open":
            return pageResult(await browser.open({ url }, { signal }));
          case "activate":
            return { success: true, ...viewOf(await browser.activate(tabId!, { signal })) }; // as just checked
          case "close":
            return { success: await browser.close({ tabId }, { signal }) };
          default:
            return pageResult(await browser.history(steps[action], { tabId }, { signal }));
        }
      },
    };
  },
};

function viewOf({ id, url, title, active, profile }: Tab) {
  return { tabId: id, url: toldUrl(url), title: toldTitle(title), active, profile };
}
