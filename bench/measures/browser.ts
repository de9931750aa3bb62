import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../../packages/client/test/support/chromium.ts";
import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { post } from "../load.ts";
import type { Rig } from "../rig.ts";
import { median } from "../statistics.ts";

const page = `<!doctype html><title>A shop</title><main><h1>Things</h1><ul>${Array.from(
  { length: 60 },
  (_, i) => `<li><a href="/thing/${i}">Thing ${i}</a> <button>Add ${i}</button></li>`,
).join("")}</ul><button id=go onclick="this.textContent='Clicked'">Go</button></main>`;

/** Open a page, look at it, click: through the gateway's API, and by Playwright alone on the same Chromium. */
export async function browser(rig: Rig, effort: Effort): Promise<Figure[]> {
  const found = await findChromium();
  if (typeof found === "string") throw new Error(found);
  const site = createServer((_, response) => response.setHeader("content-type", "text/html").end(page));
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const own = await chromium.launch({
    executablePath: found.executablePath,
    args: found.args,
    env: { ...process.env, ...found.env } as Record<string, string>, // all of them are texts
  });
  try {
    const rounds = Math.min(20, Math.max(3, Math.round(effort.requests / 50)));
    const direct: number[] = [];
    const gateway: number[] = [];
    const alone = byPlaywright(await own.newPage(), url);
    const through = byGateway(rig, url);
    for (let round = -3; round < rounds; round++) {
      const [a, b] = [await timed(alone), await timed(through)];
      if (round < 0) continue; // the first ones start things
      direct.push(a);
      gateway.push(b);
    }
    return [
      {
        name: "browser: navigate + snapshot + click",
        unit: "ms",
        direct: median(direct),
        gateway: median(gateway),
        target: { of: "added", atMost: 40 },
      },
    ];
  } finally {
    await own.close();
    site.closeAllConnections();
    site.close();
  }
}

function byPlaywright(tab: Page, url: string): () => Promise<void> {
  return async () => {
    await tab.goto(url);
    await tab.ariaSnapshot({ mode: "ai" });
    await tab.locator("#go").click();
  };
}

function byGateway({ gateway }: Rig, url: string): () => Promise<void> {
  const action = { kind: "click", selector: "#go" };
  const requests = [
    post("/v1/browser/navigate", { url }),
    post("/v1/browser/snapshot", {}),
    post("/v1/browser/act", { action }),
  ];
  return async () => {
    for (const request of requests)
      await gateway.client.run({ count: 1, inFlight: 1, request: () => request });
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
