import { find } from "./elements.ts";

/** The filter box: shows the articles that have all its words, and what leads to them. `/` jumps into it. */
export function startFilter(): void {
  const box = find<HTMLInputElement>("#page-filter");
  const articles = [...document.querySelectorAll<HTMLElement>("article[data-search]")];
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".contents li a")];

  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set<string>();
    for (const article of articles) {
      const fits = words.every((word) => article.dataset.search?.includes(word));
      article.hidden = !fits;
      if (fits) shown.add(article.id);
    }
    for (const section of document.querySelectorAll<HTMLElement>("main > section")) {
      section.hidden = words.length > 0 && !section.querySelector("article:not([hidden])");
    }
    for (const link of links) {
      const item = link.parentElement;
      if (item) item.hidden = !shown.has(idOf(link));
    }
    for (const group of document.querySelectorAll<HTMLElement>(".contents > div")) {
      group.hidden = words.length > 0 && !group.querySelector("li:not([hidden])");
    }
    find("#page-found").textContent = words.length > 0 ? `${shown.size} found` : "";
  };

  box.addEventListener("input", apply);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || isField(event.target)) return;
    event.preventDefault();
    box.focus();
  });
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(idOf(location));
    if (!target?.closest("[hidden]")) return;
    box.value = ""; // A link to something that the filter hides would lead nowhere.
    apply();
    target.scrollIntoView();
  });
  if (box.value) apply();
}

function idOf({ hash }: { hash: string }): string {
  return decodeURIComponent(hash.slice(1));
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
