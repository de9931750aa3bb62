/** Kinds of values that are not to be seen by a model, nor handed over without being asked. */
export type FieldKind = "password" | "payment";

/** What functions that run in a page can use there; made by `pageEyes`. */
export interface Eyes {
  /** Fields of the document, those within open shadow roots included. */
  fields(): Field[];
  kindOf(element: Element): FieldKind | undefined;
  formOf(element: Element): HTMLFormElement | null;
  /** The element that has the focus, also within shadow roots. */
  focused(): Element | null;
  /** The nearest element around it, itself included, for which that holds; also out of shadow roots. */
  around(element: Element, holds: (it: Element) => boolean): Element | undefined;
  /** E.g. `button` and its accessible name, by the plain rules of https://www.w3.org/TR/accname-1.2/. */
  describe(element: Element): Described;
}

export interface Described {
  role: string;
  name: string;
}
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * A function for `evaluate` of an element, made of one that is given `eyes` as well. Playwright sends the text of a
 * function to the page, so `work` must not use anything from around it.
 */
export function onElement<Arg, Result>(
  work: (element: Element, arg: Arg, eyes: Eyes) => Result,
): (element: Element, arg: Arg) => Result {
  const never = (_element: Element, _arg: Arg): Result => runsInPages();
  return Object.assign(never, {
    toString: () => `(element, arg) => (${work.toString()})(element, arg, (${pageEyes.toString()})())`,
  });
}

/** The same for `evaluate` of a page or a frame. */
export function inFrame<Arg, Result>(work: (arg: Arg, eyes: Eyes) => Result): (arg: Arg) => Result {
  const never = (_arg: Arg): Result => runsInPages();
  return Object.assign(never, {
    toString: () => `(arg) => (${work.toString()})(arg, (${pageEyes.toString()})())`,
  });
}

function runsInPages(): never {
  throw new Error("This function runs in pages only.");
}

/** Runs in the page. */
function pageEyes(): Eyes {
  /**
   * Payment fields say so by a token that begins with "cc-":
   * https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill. Many say it by name or label only.
   */
  const payment =
    /\b(credit ?card|debit ?card|card ?(no|num|number|holder|code|exp\w*)|cc ?(no|num|number|name|exp\w*|month|year|csc|cvc|cvv)|cvc|cvc2|cvv|cvv2|csc|security code|iban|sort code|routing number|account number|karten ?nummer|kreditkarte\w*|prüf ?(nummer|ziffer)|konto ?nummer|numéro de (la )?carte|número de (la )?tarjeta)\b/i;
  const password = /\b(password|passwd|pwd|passwort|passphrase|kennwort)\b/i;

  function deep(root: Document | ShadowRoot, found: Field[] = []): Field[] {
    for (const element of root.querySelectorAll("*")) {
      if (
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
      ) {
        found.push(element);
      }
      if (element.shadowRoot) deep(element.shadowRoot, found);
    }
    return found;
  }

  function parentOf(element: Element): Element | null {
    if (element.assignedSlot) return element.assignedSlot;
    if (element.parentElement) return element.parentElement;
    const root = element.getRootNode();
    return root instanceof ShadowRoot ? root.host : null;
  }

  function around(element: Element, holds: (it: Element) => boolean): Element | undefined {
    for (let it: Element | null = element; it; it = parentOf(it)) if (holds(it)) return it;
    return undefined;
  }

  function formOf(element: Element): HTMLFormElement | null {
    if ("form" in element && element.form instanceof HTMLFormElement) return element.form;
    const form = around(element, (it) => it instanceof HTMLFormElement);
    return form instanceof HTMLFormElement ? form : null;
  }

  function flat(text: string | null | undefined): string {
    return (text ?? "").slice(0, 2_000).replace(/\s+/g, " ").trim();
  }

  /** Text as one hears it: pictures by their names. */
  function textOf(element: Element): string {
    const parts: string[] = [];
    let left = 300;
    const walk = (node: Node): void => {
      if (left-- < 0) return;
      if (node instanceof Text) parts.push(node.data.slice(0, 500));
      else if (node instanceof HTMLImageElement) parts.push(` ${node.alt} `);
      else if (node instanceof Element && !/^(script|style|template|noscript)$/i.test(node.tagName)) {
        const label = node === element ? null : node.getAttribute("aria-label");
        if (label) parts.push(` ${label} `);
        else {
          parts.push(" ");
          for (const child of (node.shadowRoot ?? node).childNodes) walk(child);
          parts.push(" ");
        }
      }
    };
    walk(element);
    return flat(parts.join(""));
  }

  function labelOf(element: Element): string {
    const ids = element.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const root = element.getRootNode();
    const named = ids.map((id) =>
      root instanceof Document || root instanceof ShadowRoot ? root.getElementById(id) : null,
    );
    const labels =
      "labels" in element && element.labels ? [...(element.labels as NodeListOf<HTMLLabelElement>)] : []; // of fields
    return (
      flat(named.map((it) => (it ? textOf(it) : "")).join(" ")) ||
      flat(element.getAttribute("aria-label")) ||
      flat(labels.map(textOf).join(" "))
    );
  }

  function words(element: Element): string {
    const texts = [
      element.getAttribute("name"),
      element.id,
      element.getAttribute("placeholder"),
      labelOf(element),
    ];
    return texts
      .map((it) => flat(it).replace(/([a-z])([A-Z])/g, "$1 $2"))
      .join(" | ")
      .replace(/[_\-.[\]:]+/g, " ");
  }

  function kindOf(element: Element): FieldKind | undefined {
    if (
      !(
        element instanceof HTMLInputElement ||
        element instanceof HTMLSelectElement ||
        element instanceof HTMLTextAreaElement
      )
    )
      return undefined;
    const tokens = flat(element.getAttribute("autocomplete")).toLowerCase().split(" ");
    if (tokens.some((token) => token.startsWith("cc-"))) return "payment";
    const type = element instanceof HTMLInputElement ? element.type : "";
    if (type === "password") return payment.test(words(element)) ? "payment" : "password";
    if (tokens.some((token) => token === "current-password" || token === "new-password")) return "password";
    if (!(element instanceof HTMLInputElement) || !/^(text|tel|number)$/.test(type)) return undefined;
    if (payment.test(words(element))) return "payment";
    return password.test(`${element.name.replace(/[_-]+/g, " ")} ${element.id.replace(/[_-]+/g, " ")}`)
      ? "password"
      : undefined;
  }

  function focused(): Element | null {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  }

  function roleOf(element: Element): string {
    const told = element.getAttribute("role")?.trim().split(/\s+/)[0];
    if (told && told !== "none" && told !== "presentation") return told;
    const tag = element.tagName.toLowerCase();
    if (element instanceof HTMLInputElement) {
      const byType: Record<string, string> = {
        submit: "button",
        button: "button",
        reset: "button",
        image: "button",
        file: "file field",
        password: "password field",
        checkbox: "checkbox",
        radio: "radio",
        range: "slider",
        number: "spinbutton",
        search: "searchbox",
      };
      return byType[element.type] ?? "textbox";
    }
    const byTag: Record<string, string> = {
      a: element.hasAttribute("href") ? "link" : "element",
      button: "button",
      textarea: "textbox",
      select: "combobox",
      summary: "button",
      img: "img",
      option: "option",
      form: "form",
      iframe: "iframe",
      label: "label",
      li: "listitem",
      table: "table",
      dialog: "dialog",
      body: "page",
      html: "page",
      main: "main",
      nav: "navigation",
      p: "paragraph",
    };
    if (/^h[1-6]$/.test(tag)) return "heading";
    if (element instanceof HTMLElement && element.isContentEditable) return "textbox";
    return byTag[tag] ?? "element";
  }

  function describe(element: Element): Described {
    const role = roleOf(element);
    const field = "value" in element && !/^(button|option|listitem)$/.test(role);
    let name = labelOf(element);
    if (!name && element instanceof HTMLInputElement && role === "button") {
      name = flat(element.value) || flat(element.alt) || (element.type === "submit" ? "Submit" : "");
    }
    if (!name && element instanceof HTMLImageElement) name = flat(element.alt);
    const editable = element instanceof HTMLElement && element.isContentEditable;
    if (!name && !field && !editable && !/^(page|form|iframe|table|dialog|main)$/.test(role))
      name = textOf(element);
    if (!name) name = flat(element.getAttribute("title")) || flat(element.getAttribute("placeholder"));
    return { role, name: name.slice(0, 300) };
  }

  return { fields: () => deep(document), kindOf, formOf, focused, around, describe };
}
