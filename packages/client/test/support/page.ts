import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Chromium } from "./chromium.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** The client as it is published, compiled from the sources of now; the caller removes the folder. */
async function buildClient(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-client-dist-"));
  const args = [
    "-p",
    join(root, "packages/client/tsconfig.build.json"),
    "--outDir",
    folder,
    "--singleThreaded",
  ];
  await promisify(execFile)(join(root, "node_modules/.bin/tsc"), args);
  return folder;
}

export async function launch({ executablePath, args, env }: Chromium): Promise<Browser> {
  const all = Object.entries({ ...process.env, ...env }).filter(([, value]) => value !== undefined);
  return chromium.launch({ executablePath, args, env: Object.fromEntries(all) as Record<string, string> });
}

/**
 * A site on loopback, with an origin of its own: the built client where a checkout has it, an empty page at `/` that
 * has it as `window.client`, and the checkout's `examples`.
 */
export async function startSite() {
  const dist = await buildClient();
  const fileOf = async (path: string): Promise<string | undefined> => {
    if (path === "/") return empty;
    const built = /^\/(?:packages\/client|node_modules\/openclaw-client)\/dist\/([\w.-]+\.js)$/.exec(
      path,
    )?.[1];
    if (!built && !/^\/examples\/[\w.-]+$/.test(path)) return undefined;
    return readFile(built ? join(dist, built) : join(root, path), "utf8").catch(() => undefined);
  };
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, "http://site").pathname);
    const body = await fileOf(path);
    if (body === undefined) return response.writeHead(404).end();
    response.setHeader("content-type", typeOf(path)).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Lays the built client over the same paths of another origin, for this page alone. */
    async serveIn(page: Page, origin: string): Promise<void> {
      await page.route(`${origin}/packages/client/dist/*`, async (route) => {
        const path = new URL(route.request().url()).pathname;
        await route.fulfill({ body: (await fileOf(path)) ?? "", contentType: typeOf(path) });
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(dist, { recursive: true, force: true });
    },
  };
}

function typeOf(path: string): string {
  return path.endsWith(".js") ? "text/javascript" : "text/html";
}

const empty = `<!doctype html><link rel="icon" href="data:,"><script type="module">
  import * as client from "/packages/client/dist/index.js";
  window.client = client;
</script>`;
