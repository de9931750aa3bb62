const longest = 100;

/** A name as it may stand in a text: no folders, nothing invisible, and its ending kept. */
export function safeName(name: string | undefined): string | undefined {
  const last = (name ?? "")
    .slice(-1_000)
    .toWellFormed()
    .replace(/^.*[/\\]/s, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .trim()
    .replace(/^\.+/, "");
  if (last === "") return undefined;
  if (last.length <= longest) return last;
  const ending = /\.[a-z0-9]{1,10}$/i.exec(last)?.[0] ?? "";
  return `${last
    .slice(0, longest - ending.length - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "")}…${ending}`;
}
