import { make, pretty } from "./elements.ts";

/** The headers that tell something; the rest is the same everywhere. */
const ofInterest = [
  "content-type",
  "content-length",
  "x-request-id",
  "x-openclaw-ignored",
  "retry-after",
  "ratelimit",
  "location",
];

/** Most characters of a body that are shown: more would make the page slow. */
const mostShown = 400_000;

/** Writes an answer into the page: status, time, headers and the body, pieces of a stream as they come. */
export async function showAnswer(response: Response, into: HTMLElement, start: number): Promise<void> {
  const took = () => `${Math.round(performance.now() - start)} ms`;
  const time = make("span", {}, took());
  const status = make(
    "p",
    { className: response.ok ? "status" : "status wrong" },
    make("b", {}, `${response.status} ${response.statusText}`),
    " · ",
    time,
  );
  status.setAttribute("role", "status");
  const headers = ofInterest.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  const body = make("div", { className: "body" });
  into.replaceChildren(status, make("pre", { className: "headers" }, headers.join("\n")), body);
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) await showStream(response, body);
  else if (isText(type)) body.append(text(pretty(await response.text())));
  else await showBytes(response, type, body);
  time.textContent = took();
}

async function showStream(response: Response, into: HTMLElement): Promise<void> {
  const shown = text("");
  into.append(shown);
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    length += value.length;
    if (length <= mostShown) shown.append(value);
    else shown.dataset.more = `… ${length} characters so far`;
    shown.scrollTop = shown.scrollHeight;
  }
}

async function showBytes(response: Response, type: string, into: HTMLElement): Promise<void> {
  const blob = await response.blob();
  if (blob.size === 0) {
    into.append(make("p", {}, "No body."));
    return;
  }
  const url = URL.createObjectURL(blob);
  if (type.startsWith("image/")) into.append(make("img", { src: url, alt: "The picture of the answer" }));
  into.append(make("p", {}, make("a", { href: url, download: "answer" }, `${blob.size} bytes, ${type}`)));
}

function text(content: string): HTMLPreElement {
  const shown = make("pre", { tabIndex: 0, ariaLabel: "Body" }, content.slice(0, mostShown));
  if (content.length > mostShown) shown.dataset.more = `… ${content.length} characters in all`;
  return shown;
}

function isText(type: string): boolean {
  return /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript|x-ndjson))/.test(type);
}
