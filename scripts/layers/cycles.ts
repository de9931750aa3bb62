import { dirname } from "node:path";
import type { Import, SourceFile } from "./source-files.ts";

/** Folders that reach each other: one line per knot, naming an import for each step round it. */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map<string, Map<string, string>>();
  for (const file of files) {
    for (const it of file.imports) {
      if (it.target === undefined) continue;
      const to = dirname(it.target);
      if (to === file.folder || isTableEntry(file, it)) continue;
      const out = edges.get(file.folder) ?? new Map<string, string>();
      if (!out.has(to)) out.set(to, `${file.path} → ${it.target}`);
      edges.set(file.folder, out);
    }
  }
  const seen = new Set<string>();
  const knots: string[] = [];
  for (const folder of edges.keys()) {
    if (seen.has(folder)) continue;
    const round = wayBack(edges, folder);
    if (!round) continue;
    for (const step of round) seen.add(step);
    const steps = round.map((step, i) => edges.get(step)?.get(round[(i + 1) % round.length] ?? "") ?? "");
    knots.push(`folders import each other in a circle: ${steps.join(", ")}`);
  }
  return knots;
}

/** What a folder loads from below itself by `import()` is a table of leaves, not a dependency in the sense of the rule. */
function isTableEntry(file: SourceFile, it: Import): boolean {
  return it.lazy && (it.target ?? "").startsWith(`${file.folder}/`);
}

/** The shortest way from a folder back to itself, as the folders passed. */
function wayBack(edges: Map<string, Map<string, string>>, start: string): string[] | undefined {
  let ways = [[start]];
  const visited = new Set<string>();
  while (ways.length > 0) {
    const longer: string[][] = [];
    for (const way of ways) {
      for (const next of edges.get(way.at(-1) ?? start)?.keys() ?? []) {
        if (next === start) return way;
        if (visited.has(next)) continue;
        visited.add(next);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return undefined;
}
