import { spawnSync } from "node:child_process";
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { hashSources } from "../packages/gateway/bin/bundle.js";
import { leanHttp } from "./built-in-modules.ts";
import { thirdPartyNotices } from "./third-party.ts";

const root = new URL("..", import.meta.url).pathname;

for (const name of ["protocol", "client"]) {
  const folder = join(root, "packages", name);
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", join(folder, "tsconfig.build.json")], {
    stdio: "inherit",
  });
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}
await bundleGateway(join(root, "packages/gateway"));

/** One file for the start, lazy chunks for what is imported by `import()`; takes the old bundle's place at the end. */
async function bundleGateway(folder: string): Promise<void> {
  const draft = join(folder, "dist.new");
  const hash = hashSources();
  const { output } = await build({
    input: {
      index: join(folder, "src/cli/index.ts"),
      plugin: join(folder, "src/channels/plugin.ts"),
      "browser-worker": join(folder, "src/services/browser/engine/worker.ts"),
    },
    platform: "node",
    // Not ours to ship: native code that is used where it is there, and what people install themselves. The browser's
    // parts are dependencies: they look for files of their own beside them.
    external: ["zlib-sync", "baileys", "playwright-core", "@sparticuz/chromium"],
    plugins: [leanHttp()],
    resolve: { conditionNames: ["openclaw-source", "module", "node"] },
    transform: { target: "node24", define: { "process.env.NODE_ENV": '"production"' } },
    output: {
      dir: draft,
      format: "esm",
      minify: true,
      cleanDir: true,
      entryFileNames: "[name].js",
      chunkFileNames: "chunks/[name]-[hash].js",
      // Bundled CommonJS asks for built-in modules by require, which an ES module does not have.
      banner:
        'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
  });
  const chunks = output.filter((it) => it.type === "chunk");
  writeFileSync(join(draft, "THIRD-PARTY.txt"), thirdPartyNotices(chunks.flatMap((it) => it.moduleIds)));
  writeFileSync(join(draft, "sources.sha256"), hash);
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  renameSync(draft, dist);
  const entry = statSync(join(dist, "index.js")).size;
  console.log(`packages/gateway/dist: ${kilobytes(entry)} at start, ${kilobytes(sizeOf(dist))} in all`);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .reduce((sum, item) => sum + statSync(join(item.parentPath, item.name)).size, 0);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} kB`;
}
