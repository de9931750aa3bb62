import { type FieldKind, inFrame, onElement } from "./in-page.ts";

/** What an action does to the element that it hits. */
export type HandOver = "click" | "enter" | "space" | "none";

/**
 * Runs in the page. How forms are submitted: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html,
 * "Form submission". Scripts submit by whatever is clicked, so that anything counts which is not known to do no more than
 * to take the focus, to toggle itself, or to lead elsewhere. Of the page's filled fields those count that are in the same
 * form, or in none, and all of them where the element is in none.
 */
export const handedOver = onElement(
  (element: Element, { effect, fills }: { effect: string; fills: boolean }, eyes) => {
    const label = eyes.around(element, (it) => it instanceof HTMLLabelElement);
    const within = eyes.around(element, (it) =>
      it.matches("a[href],area[href],button,input,select,textarea,option,summary"),
    );
    const labelled = within === undefined && label instanceof HTMLLabelElement ? label.control : null;
    const hit = labelled ?? within ?? element;
    const form = eyes.formOf(hit);

    const isField = (it: Element): boolean =>
      it instanceof HTMLTextAreaElement ||
      it instanceof HTMLSelectElement ||
      it instanceof HTMLOptionElement ||
      (it instanceof HTMLElement && it.isContentEditable) ||
      (it instanceof HTMLInputElement && !/^(submit|image|button)$/.test(it.type));
    const isReset =
      (hit instanceof HTMLInputElement || hit instanceof HTMLButtonElement) && hit.type === "reset";
    const leadsElsewhere = (it: Element): boolean => {
      if (!(it instanceof HTMLAnchorElement || it instanceof HTMLAreaElement)) return false;
      const told = it.getAttribute("href") ?? "";
      if (
        it.hasAttribute("onclick") ||
        it.getAttribute("role") === "button" ||
        /^\s*(#|javascript:|$)/i.test(told)
      )
        return false;
      return it.href.split("#")[0] !== location.href.split("#")[0];
    };
    const pushes = !isField(hit) && !isReset && !(hit.tagName === "SUMMARY") && !leadsElsewhere(hit);
    const acts =
      effect === "click"
        ? pushes
        : effect === "space"
          ? pushes && hit !== document.body && hit !== document.documentElement
          : effect === "enter" && !leadsElsewhere(hit) && !isReset;

    const kinds: FieldKind[] = [];
    for (const field of acts ? eyes.fields() : []) {
      if (field instanceof HTMLSelectElement) continue; // always has a value
      if (field.value === "" && !(fills && field === hit)) continue;
      const kind = eyes.kindOf(field);
      if (kind === undefined || kinds.includes(kind)) continue;
      const its = eyes.formOf(field);
      if (its === form || its === null || form === null) kinds.push(kind);
    }
    const told = hit.getAttribute("formaction") ?? form?.getAttribute("action") ?? null;
    const goal =
      acts && told !== null && URL.canParse(told, document.baseURI)
        ? new URL(told, document.baseURI).href
        : null;
    return { ...eyes.describe(element), acts, kinds, action: goal === null ? null : goal.slice(0, 2_000) };
  },
);

/** Runs in the page: the kinds of its filled fields. */
export const handedOverFrom = inFrame((_arg: undefined, eyes) => {
  const kinds: FieldKind[] = [];
  for (const field of eyes.fields()) {
    const kind = field instanceof HTMLSelectElement || field.value === "" ? undefined : eyes.kindOf(field);
    if (kind !== undefined && !kinds.includes(kind)) kinds.push(kind);
  }
  return kinds;
});
