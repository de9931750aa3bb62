import { confirmed } from "./ask-twice.ts";
import { withCredential } from "./credential.ts";
import { find, make, pretty, reason } from "./elements.ts";

/** Most frames that are kept in sight. */
const mostFrames = 300;

/** From this many characters on a frame is written on several lines. */
const longLine = 240;

/** The console of the WebSocket page: connects by a ticket, sends the frame of the editor, shows what comes. */
export function startConsole(): void {
  const panel = find<HTMLDetailsElement>("#page-console");
  const editor = find<HTMLTextAreaElement>("#console-frame");
  const connectButton = find<HTMLButtonElement>("#console-connect");
  const sendButton = find<HTMLButtonElement>("button[type=submit]", panel);
  const log = find("#console-log");
  const destructive = new Set(panel.dataset.destructive?.split(" "));
  let socket: WebSocket | undefined;
  let nextId = 2;

  panel.hidden = false;
  document.body.classList.add("has-console");

  const state = (text: string) => {
    find("#console-state").textContent = text;
    connectButton.textContent = socket === undefined ? "Connect" : "Disconnect";
  };

  const write = (kind: "sent" | "received" | "note", text: string) => {
    const time = new Date().toLocaleTimeString();
    const mark = { sent: "→", received: "←", note: "·" }[kind];
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(
      make(
        "li",
        { className: kind },
        make("small", {}, `${mark} ${time}`),
        make("pre", {}, text.length > longLine ? pretty(text) : text),
      ),
    );
    while (log.childElementCount > mostFrames) log.firstElementChild?.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  };

  const connect = async (): Promise<WebSocket> => {
    state("asking for a ticket …");
    const answer = await fetch(`${location.origin}/v1/tickets`, withCredential({ method: "POST" }));
    const body = (await answer.json()) as { ticket?: string; error?: { message?: string } };
    if (body.ticket === undefined) throw new Error(`no ticket: ${body.error?.message ?? answer.status}`);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const opened = new WebSocket(`${scheme}//${location.host}/`, [
      "openclaw",
      `openclaw.ticket.${body.ticket}`,
    ]);
    socket = opened;
    state("connecting …");
    opened.addEventListener("message", ({ data }) => {
      const quiet = !find<HTMLInputElement>("#console-heartbeats").checked;
      if (!(quiet && String(data).startsWith('{"type":"heartbeat"'))) write("received", String(data));
    });
    opened.addEventListener("close", ({ code, reason: why }) => {
      if (socket === opened) socket = undefined;
      write("note", `closed ${code}${why && `: ${why}`}`);
      state("not connected");
    });
    await new Promise<void>((resolve, reject) => {
      opened.addEventListener("open", () => resolve(), { once: true });
      opened.addEventListener("close", () => reject(new Error("the connection was refused")), { once: true });
    });
    state("connected");
    return opened;
  };

  const send = async () => {
    let frame: unknown;
    try {
      frame = JSON.parse(editor.value);
    } catch (error) {
      write("note", `The frame is not JSON: ${reason(error)}`);
      return;
    }
    const method = String((frame as { method?: unknown } | null)?.method);
    const question = `${method} takes something away: send once more if you mean it.`;
    const singular = method.replace("s.", "."); // sessions.delete is session.delete
    const loses = destructive.has(method) || destructive.has(singular);
    if (loses && !confirmed(sendButton, find(".ask", panel), question)) return;
    const open = socket?.readyState === WebSocket.OPEN ? socket : await connect();
    const text = JSON.stringify(frame);
    open.send(text);
    write("sent", text);
  };

  const run = (work: () => Promise<unknown>) => {
    work().catch((error: unknown) => {
      write("note", `Not connected: ${reason(error)}`);
      state("not connected");
    });
  };

  find<HTMLFormElement>("form", panel).addEventListener("submit", (event) => {
    event.preventDefault();
    run(send);
  });
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(send);
  });
  connectButton.addEventListener("click", () => {
    if (socket === undefined) run(connect);
    else socket.close();
  });
  find("#console-clear").addEventListener("click", () => log.replaceChildren());
  for (const button of document.querySelectorAll<HTMLButtonElement>("button.use")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const frame = JSON.parse(button.nextElementSibling?.textContent ?? "{}") as { id: number };
      frame.id = nextId++;
      editor.value = JSON.stringify(frame);
      panel.open = true;
      editor.focus();
    });
  }
}
