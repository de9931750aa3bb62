import { pageStyle } from "./browser.gen.ts";
import { escapeHtml, prose } from "./types.ts";

/** A group of the page: a heading and what can be jumped to below it. */
export interface Group {
  readonly id: string;
  readonly items: readonly { id: string; label: string }[];
}

export interface PageParts {
  readonly title: string;
  readonly version: string;
  readonly intro: string;
  /** The path of this page. */
  readonly path: string;
  readonly groups: readonly Group[];
  /** HTML. */
  readonly main: string;
}

const pages = [
  ["/docs", "HTTP"],
  ["/docs/websocket", "WebSocket"],
  ["/openapi.json", "openapi.json"],
  ["/asyncapi.json", "asyncapi.json"],
] as const;

/** The frame of both pages. What needs the script is `hidden` until the script is there. */
export function layout(parts: PageParts): string {
  const { title, version, intro, path, groups, main } = parts;
  const links = pages.map(
    ([href, label]) => `<a href="${href}"${href === path ? ' aria-current="page"' : ""}>${label}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} ${escapeHtml(version)}</title>
<style>${pageStyle}</style>
<script src="/docs/page.js" defer></script>
</head>
<body>
<header>
<div class="top"><h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1><nav class="pages" aria-label="Documents">${links.join("")}</nav></div>
<p>${prose(intro)}</p>
<div id="page-tools" class="tools" hidden>
<label>Filter <input type="search" id="page-filter" autocomplete="off" spellcheck="false" placeholder="session delete"></label>
<label>Token <input type="password" id="page-token" autocomplete="off" spellcheck="false" placeholder="none: the browser's own credential"></label>
<output id="page-found" aria-live="polite"></output>
</div>
</header>
<div class="columns">
<nav class="contents" aria-label="Contents">${groups.map(contents).join("\n")}</nav>
<main>
${main}
</main>
</div>
</body>
</html>
`;
}

/** An article that the filter box can find by the words in `search`. */
export function article(id: string, search: string, content: string): string {
  return `<article id="${escapeHtml(id)}" data-search="${escapeHtml(search.toLowerCase())}">${content}</article>`;
}

function contents({ id, items }: Group): string {
  const links = items.map((it) => `<li><a href="#${escapeHtml(it.id)}">${escapeHtml(it.label)}</a></li>`);
  const list = links.length > 0 ? `<ul>${links.join("")}</ul>` : "";
  return `<div><a class="group" href="#${escapeHtml(id)}">${escapeHtml(id)}</a>${list}</div>`;
}
