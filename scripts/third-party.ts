import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The names, versions and licences of all npm packages that the bundled modules come from. */
export function thirdPartyNotices(moduleIds: readonly string[]): string {
  const folders = new Set(moduleIds.flatMap((id) => packageFolder(id) ?? []));
  return [...folders].sort().map(notice).join("\n\n---\n\n");
}

function packageFolder(moduleId: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(moduleId)?.[1];
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((it) => /^licen[cs]e/i.test(it));
  const path = join(folder, file ?? "LICENSE");
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  return [`${name} ${version} (${license})`, text].filter(Boolean).join("\n\n");
}
