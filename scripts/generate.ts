/**
 * Writes what is made from the contract: both documents, the reference of methods, the client's types and its routes;
 * and what the gateway's pages are served with.
 * `--check` writes nothing and fails, naming each file that is not what it should be.
 */
import { readFile, writeFile } from "node:fs/promises";
import { buildAsyncApi } from "../packages/gateway/src/api/asyncapi.ts";
import { buildOpenApi } from "../packages/gateway/src/api/openapi.ts";
import { emitMethods } from "./emit-methods.ts";
import { emitPageParts } from "./emit-pages.ts";
import { emitContractTypes, emitRoutes } from "./emit-types.ts";

const root = new URL("../", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", root), "utf8")) as { version: string };
const openapi = buildOpenApi(version);

const files: Record<string, string> = {
  "docs/openapi.json": json(openapi),
  "docs/asyncapi.json": json(buildAsyncApi(version)),
  "docs/methods.md": emitMethods(),
  "packages/gateway/src/api/docs/browser.gen.ts": await emitPageParts(),
  "packages/client/src/contract.gen.ts": emitContractTypes(),
  "packages/client/src/routes.gen.ts": emitRoutes(),
};

const stale: string[] = [];
for (const [path, text] of Object.entries(files)) {
  const url = new URL(path, root);
  const current = await readFile(url, "utf8").catch(() => undefined);
  if (current === text) continue;
  if (process.argv.includes("--check")) stale.push(path);
  else await writeFile(url, text);
}
if (stale.length > 0) {
  console.error(
    `Not up to date: ${stale.join(", ")}. Run: node --conditions=openclaw-source scripts/generate.ts`,
  );
  process.exitCode = 1;
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
