const longest = 120;

/**
 * The name of a file that a page suggests, as one that is safe anywhere: its last part, without characters that a system
 * reserves or that hide what follows, without dots at its begin, and bounded; its extension is kept.
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export function fileName(suggested: string): string {
  const last = suggested.slice(0, 2_000).toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .replace(/[<>:"|?*]/g, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  if (clean === "") return "download";
  if (clean.length <= longest) return clean;
  const ending = /\.[A-Za-z0-9]{1,16}$/.exec(clean)?.[0] ?? "";
  return clean.slice(0, longest - ending.length).replace(/[\ud800-\udbff]$/, "") + ending;
}
