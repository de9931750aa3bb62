import type { SourceFile } from "./source-files.ts";

const longest = 300;

/** Rules about single files: their length, the environment, and the one door to SQLite. */
export function checkHabits(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  let sqlite: string | undefined;
  for (const file of files) {
    if (file.lines > longest && !file.path.endsWith(".gen.ts")) {
      wrong.push(`${file.path}: ${file.lines} lines; split it, ${longest} is the most`);
    }
    if (file.readsEnvironment && !mayReadEnvironment(file.path)) {
      wrong.push(`${file.path}: reads process.env; only config/ and the CLI's entry may, pass the value in`);
    }
    if (!file.imports.some((it) => it.specifier === "node:sqlite")) continue;
    if (!file.path.includes("/src/storage/")) wrong.push(`${file.path}: node:sqlite belongs to storage`);
    else if (sqlite) wrong.push(`${file.path}: imports node:sqlite; ${sqlite} is its one door`);
    else sqlite = file.path;
  }
  return wrong;
}

function mayReadEnvironment(path: string): boolean {
  return path.startsWith("packages/gateway/src/config/") || path === "packages/gateway/src/cli/index.ts";
}
