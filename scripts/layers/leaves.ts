import { dirname } from "node:path";
import type { SourceFile } from "./source-files.ts";

/** Folders whose `index.ts` is a table of leaves. */
const tables = ["channels", "runtime/models", "runtime/tools"].map((it) => `packages/gateway/src/${it}`);

/**
 * Breaches of the leaf rule: a wire, a tool or a channel is named by its table alone, by `import()`, and imports
 * the table's `types.ts`, helpers beside it that are no leaves, `lib` and packages.
 */
export function checkLeaves(files: readonly SourceFile[]): string[] {
  return tables.flatMap((table) => {
    const index = files.find((it) => it.path === `${table}/index.ts`);
    if (!index) return [];
    const leaves = index.imports.flatMap((it) => (it.lazy && it.target ? [rootOf(it.target)] : []));
    const leafOf = (path: string) => leaves.find((leaf) => path === leaf || path.startsWith(`${leaf}/`));
    return files.flatMap((file) => {
      const own = leafOf(file.path);
      return file.imports.flatMap((it) => {
        if (it.target === undefined) return [];
        const other = leafOf(it.target);
        const say = (what: string) => [`${file.path}: imports ${it.specifier}: ${what}`];
        if (other !== undefined && other !== own) {
          if (file !== index) return say(`a leaf is named by ${table}/index.ts only`);
          if (!it.lazy) return say("a leaf is loaded by import() only");
        }
        if (own !== undefined && other === undefined && !mayUse(table, it.target)) {
          return say("a leaf imports its types.ts, helpers beside it, lib and packages");
        }
        if (file === index && !it.lazy && isBranch(table, it.target))
          return say("a leaf is loaded by import() only");
        return [];
      });
    });
  });
}

/** `x/index.ts` stands for the folder `x`, any other file for itself. */
function rootOf(path: string): string {
  return path.endsWith("/index.ts") ? dirname(path) : path;
}

function mayUse(table: string, target: string): boolean {
  if (target === `${table}/index.ts`) return false;
  return target.startsWith(`${table}/`) || target.startsWith("packages/gateway/src/lib/");
}

/** In `channels` every folder is a channel, so naming one statically is wrong even before it is in the table. */
function isBranch(table: string, target: string): boolean {
  return table.endsWith("/channels") && dirname(target) !== table && target.startsWith(`${table}/`);
}
