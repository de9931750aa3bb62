import { curlCommand, filledPath } from "../curl.ts";
import { showAnswer } from "./answer.ts";
import { confirmed } from "./ask-twice.ts";
import { withCredential } from "./credential.ts";
import { find, make, reason } from "./elements.ts";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A request as its form says it. */
interface Asked {
  verb: string;
  /** From the root, with the query. */
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Makes the forms under the operations send. */
export function startTryIts(): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details.try")) {
    details.hidden = false;
    const form = find<HTMLFormElement>("form", details);
    details.addEventListener("toggle", () => showCurl(form), { once: true });
    form.addEventListener("input", () => showCurl(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const button = find<HTMLButtonElement>("button[type=submit]", form);
  const stop = find<HTMLButtonElement>(".stop", form);
  const answer = find(".answer", form);
  const wrong = badBody(form);
  if (wrong !== undefined) {
    answer.hidden = false;
    answer.replaceChildren(make("p", { className: "wrong", role: "alert" }, wrong));
    return;
  }
  const asked = read(form);
  if (form.dataset.destructive !== undefined) {
    const question = `${asked.verb} ${asked.target} takes something away: send once more if you mean it.`;
    if (!confirmed(button, find(".ask", form), question)) return;
  }
  const controller = new AbortController();
  const abort = () => controller.abort();
  stop.addEventListener("click", abort);
  button.disabled = true;
  stop.hidden = false;
  answer.hidden = false;
  const waiting = make("p", { role: "status" }, "Waiting …");
  answer.replaceChildren(waiting);
  try {
    const start = performance.now();
    const { verb: method, target, headers, body } = asked;
    const init = { method, headers, signal: controller.signal, ...(body !== undefined && { body }) };
    await showAnswer(await fetch(location.origin + target, withCredential(init)), answer, start);
  } catch (error) {
    const text = controller.signal.aborted ? "Stopped." : `No answer: ${reason(error)}`;
    answer.append(make("p", { className: controller.signal.aborted ? "" : "wrong", role: "status" }, text));
  } finally {
    waiting.remove();
    stop.removeEventListener("click", abort);
    stop.hidden = true;
    button.disabled = false;
  }
}

function read(form: HTMLFormElement): Asked {
  const path: Record<string, string> = {};
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  let body: string | undefined;
  for (const field of form.querySelectorAll<Field>("[data-in]")) {
    const { value, name } = field;
    if (value.trim() === "") continue;
    if (field.dataset.in === "path") path[name] = value;
    if (field.dataset.in === "query") query.append(name, value);
    if (field.dataset.in === "header") headers[name] = value;
    if (field.dataset.in === "body") {
      body = value;
      headers["Content-Type"] = field.dataset.type ?? "application/json";
    }
  }
  const search = query.size > 0 ? `?${query}` : "";
  const { verb = "GET", path: template = "/" } = form.dataset;
  return { verb, target: filledPath(template, path) + search, headers, body };
}

/** What is wrong with the JSON of the body, if anything. */
function badBody(form: HTMLFormElement): string | undefined {
  const field = form.querySelector<HTMLTextAreaElement>("[data-in=body]");
  if (!field || field.value.trim() === "" || field.dataset.type !== "application/json") return undefined;
  try {
    JSON.parse(field.value);
    field.removeAttribute("aria-invalid");
    return undefined;
  } catch (error) {
    field.setAttribute("aria-invalid", "true");
    return `The body is not JSON: ${reason(error)}`;
  }
}

function showCurl(form: HTMLFormElement): void {
  const { verb, target, headers, body } = read(form);
  const streams = form.dataset.streams !== undefined || /"stream"\s*:\s*true/.test(body ?? "");
  const open = form.dataset.open !== undefined;
  find(".curl", form).textContent = curlCommand({
    verb,
    url: location.origin + target,
    headers,
    body,
    streams,
    open,
  });
}
