import { plain } from "../base/words.ts";

/** Longest address that is written out, characters. */
const urlAtMost = 60;

/** Relative to the page, without its query unless that is short; what is no address of a page is left out. */
export function shortUrl(href: string | undefined, base: string): string {
  if (href === undefined || href === "" || href === "#") return "";
  if (/^\s*(javascript|data|blob|about):/i.test(href)) return "";
  if (/^\s*(mailto|tel):/i.test(href) || !URL.canParse(href, base || undefined))
    return cutUrl(href.replace(/\?.*$/s, ""));
  const url = new URL(href, base || undefined);
  const query = url.search.length > 20 ? "?…" : url.search;
  if (base === "" || url.origin !== new URL(base).origin)
    return cutUrl(`${url.origin}${url.pathname === "/" ? "" : url.pathname}${query}`);
  const here = new URL(base);
  if (url.pathname === here.pathname && url.search === here.search && url.hash) return cutUrl(url.hash);
  const folder = here.pathname.slice(0, here.pathname.lastIndexOf("/") + 1);
  const inside = folder.length > 1 && url.pathname.startsWith(folder) && url.pathname.length > folder.length;
  return cutUrl(`${inside ? url.pathname.slice(folder.length) : url.pathname}${query}`);
}

function cutUrl(url: string): string {
  const clean = plain(url, 1_000).replaceAll(" ", "%20");
  return clean.length > urlAtMost ? `${clean.slice(0, urlAtMost - 1)}…` : clean;
}
