// Made from browser/ by scripts/generate.ts. Change what is there, not this file.

/** JavaScript, for the browser. */
export const pageScript = `(function() {
	// ask-twice.ts
	/** How long a first click is remembered, ms. */
	const patience = 6e3;
	/** Whether this is the second click on a button for a request that loses something; the first only asks. */
	function confirmed(button, note, question) {
		const again = button.dataset.asked === question;
		forget(button, note);
		if (again) return true;
		button.dataset.asked = question;
		note.textContent = question;
		const timer = setTimeout(() => forget(button, note), patience);
		button.dataset.timer = String(timer);
		return false;
	}
	function forget(button, note) {
		clearTimeout(Number(button.dataset.timer));
		delete button.dataset.asked;
		note.textContent = "";
	}
	// elements.ts
	/** The element that the page certainly has. */
	function find(selector, within = document) {
		const element = within.querySelector(selector);
		if (element === null) throw new Error(\`The page has no \${selector}.\`);
		return element;
	}
	/** Makes an element with text or other elements inside. Nothing here is ever read as HTML. */
	function make(tag, properties, ...children) {
		const element = Object.assign(document.createElement(tag), properties);
		element.append(...children);
		return element;
	}
	/** JSON with line breaks; text that is none stays as it is. */
	function pretty(text) {
		try {
			return JSON.stringify(JSON.parse(text), null, 2);
		} catch {
			return text;
		}
	}
	/** What went wrong, in words. */
	function reason(error) {
		return error instanceof Error ? error.message : String(error);
	}
	// credential.ts
	/**
	* Adds the token that was typed into the page, which is kept nowhere else. Without one the browser sends what it
	* loaded the page with.
	*/
	function withCredential(init) {
		const token = find("#page-token").value.trim();
		if (token === "") return {
			...init,
			credentials: "same-origin"
		};
		const headers = new Headers(init.headers);
		headers.set("Authorization", \`Bearer \${token}\`);
		return {
			...init,
			headers,
			credentials: "omit"
		};
	}
	// console.ts
	/** Most frames that are kept in sight. */
	const mostFrames = 300;
	/** From this many characters on a frame is written on several lines. */
	const longLine = 240;
	/** The console of the WebSocket page: connects by a ticket, sends the frame of the editor, shows what comes. */
	function startConsole() {
		const panel = find("#page-console");
		const editor = find("#console-frame");
		const connectButton = find("#console-connect");
		const sendButton = find("button[type=submit]", panel);
		const log = find("#console-log");
		const destructive = new Set(panel.dataset.destructive?.split(" "));
		let socket;
		let nextId = 2;
		panel.hidden = false;
		document.body.classList.add("has-console");
		const state = (text) => {
			find("#console-state").textContent = text;
			connectButton.textContent = socket === void 0 ? "Connect" : "Disconnect";
		};
		const write = (kind, text) => {
			const time = (/* @__PURE__ */ new Date()).toLocaleTimeString();
			const mark = {
				sent: "→",
				received: "←",
				note: "·"
			}[kind];
			const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
			log.append(make("li", { className: kind }, make("small", {}, \`\${mark} \${time}\`), make("pre", {}, text.length > longLine ? pretty(text) : text)));
			while (log.childElementCount > mostFrames) log.firstElementChild?.remove();
			if (atEnd) log.scrollTop = log.scrollHeight;
		};
		const connect = async () => {
			state("asking for a ticket …");
			const answer = await fetch(\`\${location.origin}/v1/tickets\`, withCredential({ method: "POST" }));
			const body = await answer.json();
			if (body.ticket === void 0) throw new Error(\`no ticket: \${body.error?.message ?? answer.status}\`);
			const scheme = location.protocol === "https:" ? "wss:" : "ws:";
			const opened = new WebSocket(\`\${scheme}//\${location.host}/\`, ["openclaw", \`openclaw.ticket.\${body.ticket}\`]);
			socket = opened;
			state("connecting …");
			opened.addEventListener("message", ({ data }) => {
				if (!(!find("#console-heartbeats").checked && String(data).startsWith("{\\"type\\":\\"heartbeat\\""))) write("received", String(data));
			});
			opened.addEventListener("close", ({ code, reason: why }) => {
				if (socket === opened) socket = void 0;
				write("note", \`closed \${code}\${why && \`: \${why}\`}\`);
				state("not connected");
			});
			await new Promise((resolve, reject) => {
				opened.addEventListener("open", () => resolve(), { once: true });
				opened.addEventListener("close", () => reject(/* @__PURE__ */ new Error("the connection was refused")), { once: true });
			});
			state("connected");
			return opened;
		};
		const send = async () => {
			let frame;
			try {
				frame = JSON.parse(editor.value);
			} catch (error) {
				write("note", \`The frame is not JSON: \${reason(error)}\`);
				return;
			}
			const method = String(frame?.method);
			const question = \`\${method} takes something away: send once more if you mean it.\`;
			const singular = method.replace("s.", ".");
			if ((destructive.has(method) || destructive.has(singular)) && !confirmed(sendButton, find(".ask", panel), question)) return;
			const open = socket?.readyState === WebSocket.OPEN ? socket : await connect();
			const text = JSON.stringify(frame);
			open.send(text);
			write("sent", text);
		};
		const run = (work) => {
			work().catch((error) => {
				write("note", \`Not connected: \${reason(error)}\`);
				state("not connected");
			});
		};
		find("form", panel).addEventListener("submit", (event) => {
			event.preventDefault();
			run(send);
		});
		editor.addEventListener("keydown", (event) => {
			if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(send);
		});
		connectButton.addEventListener("click", () => {
			if (socket === void 0) run(connect);
			else socket.close();
		});
		find("#console-clear").addEventListener("click", () => log.replaceChildren());
		for (const button of document.querySelectorAll("button.use")) {
			button.hidden = false;
			button.addEventListener("click", () => {
				const frame = JSON.parse(button.nextElementSibling?.textContent ?? "{}");
				frame.id = nextId++;
				editor.value = JSON.stringify(frame);
				panel.open = true;
				editor.focus();
			});
		}
	}
	// filter.ts
	/** The filter box: shows the articles that have all its words, and what leads to them. \`/\` jumps into it. */
	function startFilter() {
		const box = find("#page-filter");
		const articles = [...document.querySelectorAll("article[data-search]")];
		const links = [...document.querySelectorAll(".contents li a")];
		const apply = () => {
			const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
			const shown = /* @__PURE__ */ new Set();
			for (const article of articles) {
				const fits = words.every((word) => article.dataset.search?.includes(word));
				article.hidden = !fits;
				if (fits) shown.add(article.id);
			}
			for (const section of document.querySelectorAll("main > section")) section.hidden = words.length > 0 && !section.querySelector("article:not([hidden])");
			for (const link of links) {
				const item = link.parentElement;
				if (item) item.hidden = !shown.has(idOf(link));
			}
			for (const group of document.querySelectorAll(".contents > div")) group.hidden = words.length > 0 && !group.querySelector("li:not([hidden])");
			find("#page-found").textContent = words.length > 0 ? \`\${shown.size} found\` : "";
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
			box.value = "";
			apply();
			target.scrollIntoView();
		});
		if (box.value) apply();
	}
	function idOf({ hash }) {
		return decodeURIComponent(hash.slice(1));
	}
	function isField(target) {
		return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
	}
	// ../curl.ts
	/** The same request as a curl command for a POSIX shell, with \`$TOKEN\` where the credential goes. */
	function curlCommand(request) {
		const { verb, url, headers = {}, body, streams = false, open = false } = request;
		const implied = body === void 0 ? "GET" : "POST";
		const first = [
			"curl",
			...streams ? ["-N"] : [],
			...verb === implied ? [] : ["-X", verb],
			quoted(url)
		];
		const rest = [
			...open ? [] : ["-H \\"Authorization: Bearer $TOKEN\\""],
			...Object.entries(headers).map(([name, value]) => \`-H \${quoted(\`\${name}: \${value}\`)}\`),
			...body === void 0 ? [] : [\`-d \${quoted(body)}\`]
		];
		return [first.join(" "), ...rest].join(" \\\\\\n  ");
	}
	/** A path with its \`{name}\` places filled in; a place without a value stays as it is, to be seen. */
	function filledPath(path, values) {
		return path.replace(/\\{(\\w+)(?:\\.{3})?\\}/g, (place, name) => {
			const value = values[name];
			return value ? encodeURIComponent(value) : place;
		});
	}
	/** One word of the shell, in quotes where it needs them. */
	function quoted(word) {
		return /^[\\w@%+=:,./-]+$/.test(word) ? word : \`'\${word.replaceAll("'", "'\\\\''")}'\`;
	}
	// answer.ts
	/** The headers that tell something; the rest is the same everywhere. */
	const ofInterest = [
		"content-type",
		"content-length",
		"x-request-id",
		"x-openclaw-ignored",
		"retry-after",
		"ratelimit",
		"location"
	];
	/** Most characters of a body that are shown: more would make the page slow. */
	const mostShown = 4e5;
	/** Writes an answer into the page: status, time, headers and the body, pieces of a stream as they come. */
	async function showAnswer(response, into, start) {
		const took = () => \`\${Math.round(performance.now() - start)} ms\`;
		const time = make("span", {}, took());
		const status = make("p", { className: response.ok ? "status" : "status wrong" }, make("b", {}, \`\${response.status} \${response.statusText}\`), " · ", time);
		status.setAttribute("role", "status");
		const headers = ofInterest.flatMap((name) => {
			const value = response.headers.get(name);
			return value === null ? [] : [\`\${name}: \${value}\`];
		});
		const body = make("div", { className: "body" });
		into.replaceChildren(status, make("pre", { className: "headers" }, headers.join("\\n")), body);
		const type = response.headers.get("content-type") ?? "";
		if (type.startsWith("text/event-stream")) await showStream(response, body);
		else if (isText(type)) body.append(text(pretty(await response.text())));
		else await showBytes(response, type, body);
		time.textContent = took();
	}
	async function showStream(response, into) {
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
			else shown.dataset.more = \`… \${length} characters so far\`;
			shown.scrollTop = shown.scrollHeight;
		}
	}
	async function showBytes(response, type, into) {
		const blob = await response.blob();
		if (blob.size === 0) {
			into.append(make("p", {}, "No body."));
			return;
		}
		const url = URL.createObjectURL(blob);
		if (type.startsWith("image/")) into.append(make("img", {
			src: url,
			alt: "The picture of the answer"
		}));
		into.append(make("p", {}, make("a", {
			href: url,
			download: "answer"
		}, \`\${blob.size} bytes, \${type}\`)));
	}
	function text(content) {
		const shown = make("pre", {
			tabIndex: 0,
			ariaLabel: "Body"
		}, content.slice(0, mostShown));
		if (content.length > mostShown) shown.dataset.more = \`… \${content.length} characters in all\`;
		return shown;
	}
	function isText(type) {
		return /^(text\\/|application\\/([\\w.-]+\\+)?(json|xml|javascript|x-ndjson))/.test(type);
	}
	// try-it.ts
	/** Makes the forms under the operations send. */
	function startTryIts() {
		for (const details of document.querySelectorAll("details.try")) {
			details.hidden = false;
			const form = find("form", details);
			details.addEventListener("toggle", () => showCurl(form), { once: true });
			form.addEventListener("input", () => showCurl(form));
			form.addEventListener("submit", (event) => {
				event.preventDefault();
				send(form);
			});
			form.addEventListener("keydown", (event) => {
				if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
			});
		}
	}
	async function send(form) {
		const button = find("button[type=submit]", form);
		const stop = find(".stop", form);
		const answer = find(".answer", form);
		const wrong = badBody(form);
		if (wrong !== void 0) {
			answer.hidden = false;
			answer.replaceChildren(make("p", {
				className: "wrong",
				role: "alert"
			}, wrong));
			return;
		}
		const asked = read(form);
		if (form.dataset.destructive !== void 0) {
			const question = \`\${asked.verb} \${asked.target} takes something away: send once more if you mean it.\`;
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
			const init = {
				method,
				headers,
				signal: controller.signal,
				...body !== void 0 && { body }
			};
			await showAnswer(await fetch(location.origin + target, withCredential(init)), answer, start);
		} catch (error) {
			const text = controller.signal.aborted ? "Stopped." : \`No answer: \${reason(error)}\`;
			answer.append(make("p", {
				className: controller.signal.aborted ? "" : "wrong",
				role: "status"
			}, text));
		} finally {
			waiting.remove();
			stop.removeEventListener("click", abort);
			stop.hidden = true;
			button.disabled = false;
		}
	}
	function read(form) {
		const path = {};
		const headers = {};
		const query = new URLSearchParams();
		let body;
		for (const field of form.querySelectorAll("[data-in]")) {
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
		const search = query.size > 0 ? \`?\${query}\` : "";
		const { verb = "GET", path: template = "/" } = form.dataset;
		return {
			verb,
			target: filledPath(template, path) + search,
			headers,
			body
		};
	}
	/** What is wrong with the JSON of the body, if anything. */
	function badBody(form) {
		const field = form.querySelector("[data-in=body]");
		if (!field || field.value.trim() === "" || field.dataset.type !== "application/json") return void 0;
		try {
			JSON.parse(field.value);
			field.removeAttribute("aria-invalid");
			return;
		} catch (error) {
			field.setAttribute("aria-invalid", "true");
			return \`The body is not JSON: \${reason(error)}\`;
		}
	}
	function showCurl(form) {
		const { verb, target, headers, body } = read(form);
		const streams = form.dataset.streams !== void 0 || /"stream"\\s*:\\s*true/.test(body ?? "");
		const open = form.dataset.open !== void 0;
		find(".curl", form).textContent = curlCommand({
			verb,
			url: location.origin + target,
			headers,
			body,
			streams,
			open
		});
	}
	// page.ts
	/** Brings the pages of the documents to life: both load this script. */
	find("#page-tools").hidden = false;
	startFilter();
	startTryIts();
	if (document.querySelector("#page-console")) startConsole();
})();
`;

export const pageStyle = `:root {
  --fg: #1b1b20;
  --bg: #ffffff;
  --soft: #63636e;
  --line: #e2e2e8;
  --code: #f4f4f7;
  --panel: #fafafc;
  --accent: #b3261e;
  --on-accent: #ffffff;
  --get: #1b6ac9;
  --post: #1d7a3e;
  --patch: #97640a;
  --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --fg: #e8e8ec;
    --bg: #151518;
    --soft: #a0a0ab;
    --line: #2e2e35;
    --code: #222227;
    --panel: #1b1b1f;
    --accent: #ff8a80;
    --on-accent: #1b1b20;
    --get: #7db4ff;
    --post: #7fd69b;
    --patch: #e9b95c;
    --delete: #ff8a80;
  }
}
[hidden] {
  /* biome-ignore lint/complexity/noImportantStyles: what is hidden stays so, whatever says how it is shown */
  display: none !important;
}
* {
  box-sizing: border-box;
}
html {
  scroll-padding-top: 1rem;
}
body {
  margin: 0 auto;
  max-width: 86rem;
  padding: 0 1.25rem 4rem;
  font:
    16px / 1.5 system-ui,
    sans-serif;
  color: var(--fg);
  background: var(--bg);
}
body.has-console {
  padding-bottom: 70vh;
}
.top {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  justify-content: space-between;
  gap: 0 1.5rem;
}
h1 {
  margin: 1rem 0 0.25rem;
  font-size: 1.6rem;
}
h2 {
  margin: 2.5rem 0 1rem;
  padding-bottom: 0.25rem;
  border-bottom: 1px solid var(--line);
}
h3 {
  margin: 0 0 0.4rem;
  font-size: 1.05rem;
  overflow-wrap: anywhere;
}
h4 {
  margin: 0.8rem 0 0;
  font-size: 0.85rem;
  color: var(--soft);
}
p {
  margin: 0.4rem 0;
}
small,
.facts {
  color: var(--soft);
}
a {
  color: var(--accent);
}
:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}
input,
select,
textarea,
button {
  font: inherit;
  font-size: 0.95rem;
  color: var(--fg);
  background: var(--bg);
  border: 1px solid var(--line);
  border-radius: 6px;
  padding: 0.35rem 0.6rem;
}
textarea {
  width: 100%;
  font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace;
  font-size: 0.85rem;
  resize: vertical;
}
[aria-invalid] {
  border-color: var(--delete);
}
button {
  cursor: pointer;
}
button[type="submit"] {
  color: var(--on-accent);
  background: var(--accent);
  border-color: var(--accent);
  font-weight: 600;
}
button:disabled {
  opacity: 0.5;
  cursor: default;
}
.pages {
  display: flex;
  flex-wrap: wrap;
  gap: 0 1rem;
}
.pages a[aria-current] {
  color: var(--fg);
  font-weight: 600;
  text-decoration: none;
}
.tools {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75rem 1.25rem;
  align-items: center;
  margin: 1rem 0;
}
.tools label {
  display: flex;
  gap: 0.5rem;
  align-items: center;
  flex: 1 1 18rem;
  max-width: 26rem;
}
.tools input {
  flex: 1;
  min-width: 0;
}
.columns {
  display: grid;
  grid-template-columns: 17rem minmax(0, 1fr);
  gap: 2.5rem;
}
.contents {
  position: sticky;
  top: 0;
  max-height: 100vh;
  overflow-y: auto;
  padding: 1rem 0;
  font-size: 0.85rem;
}
.contents ul {
  list-style: none;
  margin: 0.1rem 0 0.6rem;
  padding: 0;
}
.contents a {
  text-decoration: none;
  color: var(--soft);
}
.contents a:hover {
  color: var(--accent);
  text-decoration: underline;
}
.contents .group {
  color: var(--fg);
  font-weight: 600;
}
.contents li {
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
main > section:first-child h2 {
  margin-top: 0.75rem;
}
article {
  margin: 1.25rem 0;
  padding: 1rem 1.1rem;
  border: 1px solid var(--line);
  border-radius: 8px;
}
article:target {
  border-color: var(--accent);
}
code,
pre,
textarea {
  font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace;
}
code {
  background: var(--code);
  padding: 0.1em 0.3em;
  border-radius: 3px;
  font-size: 0.88em;
  overflow-wrap: anywhere;
}
h3 code {
  background: none;
  padding: 0;
  font-size: 1em;
}
.verb {
  color: var(--get);
}
.verb.post {
  color: var(--post);
}
.verb.patch {
  color: var(--patch);
}
.verb.delete {
  color: var(--delete);
}
pre {
  margin: 0.5rem 0;
  padding: 0.6rem 0.8rem;
  max-height: 26rem;
  overflow: auto;
  background: var(--code);
  border-radius: 6px;
  font-size: 0.82rem;
  line-height: 1.45;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
pre[data-more]::after {
  content: "\\a" attr(data-more);
  color: var(--soft);
}
table {
  width: 100%;
  margin: 0.5rem 0;
  border-collapse: collapse;
  font-size: 0.92rem;
}
td,
th {
  padding: 0.3rem 0.9rem 0.3rem 0;
  text-align: left;
  vertical-align: top;
  border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere;
}
td:first-child {
  min-width: 9rem;
}
td:last-child {
  width: 45%;
}
tr:last-child td {
  border-bottom: 0;
}
th {
  color: var(--soft);
  font-weight: 500;
}
summary {
  cursor: pointer;
  font-weight: 600;
}
.try {
  margin-top: 0.8rem;
  border-top: 1px solid var(--line);
  padding-top: 0.6rem;
}
.try form {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
  gap: 0.6rem 1rem;
  margin-top: 0.6rem;
}
.try label {
  display: flex;
  flex-direction: column;
  gap: 0.15rem;
  font-size: 0.9rem;
}
.try form > :not(label),
.wide {
  grid-column: 1 / -1;
}
.try pre {
  margin: 0;
}
.buttons {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem;
  align-items: center;
}
.ask,
.wrong,
.wrong b {
  color: var(--delete);
}
.answer .headers {
  background: none;
  color: var(--soft);
  padding: 0 0 0.5rem;
}
.answer img {
  max-width: 100%;
  border: 1px solid var(--line);
  border-radius: 6px;
}
.example {
  display: flex;
  gap: 0.75rem;
  align-items: center;
}
.example pre {
  flex: 1;
  min-width: 0;
}
#page-console {
  position: fixed;
  z-index: 1;
  bottom: 0;
  right: 0;
  width: min(100%, 46rem);
  padding: 0.6rem 1rem;
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 8px 0 0 0;
  box-shadow: 0 -2px 16px rgb(0 0 0 / 12%);
}
#console-state {
  margin-left: 0.5rem;
  color: var(--soft);
  font-weight: 400;
}
#console-log {
  list-style: none;
  height: 34vh;
  margin: 0.6rem 0;
  padding: 0.3rem 0.6rem;
  overflow-y: auto;
  background: var(--bg);
  border: 1px solid var(--line);
  border-radius: 6px;
}
#console-log li {
  margin: 0.3rem 0;
}
#console-log pre {
  margin: 0.1rem 0;
  max-height: none;
}
#console-log .sent pre {
  background: none;
  border: 1px solid var(--line);
}
#console-log .note pre {
  background: none;
  color: var(--soft);
  padding: 0;
}
.check {
  display: flex;
  gap: 0.3rem;
  align-items: center;
}
@media (max-width: 60rem) {
  .columns {
    display: block;
  }
  .contents {
    position: static;
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 0.9rem;
    padding: 0;
    font-size: 0.95rem;
  }
  .contents ul {
    display: none;
  }
  .contents .group {
    color: var(--accent);
    font-weight: 400;
  }
  .example {
    display: block;
  }
  #page-console {
    border-radius: 0;
  }
}
@media (max-width: 40rem) {
  thead {
    display: none;
  }
  tr {
    display: block;
    padding: 0.35rem 0;
    border-bottom: 1px solid var(--line);
  }
  tr:last-child {
    border-bottom: 0;
  }
  td {
    display: inline;
    padding: 0 0.5rem 0 0;
    border: 0;
  }
  td:last-child {
    display: block;
    width: auto;
    color: var(--soft);
  }
  #console-log {
    height: 26vh;
  }
}
@media (prefers-reduced-motion: no-preference) {
  html {
    scroll-behavior: smooth;
  }
}
`;
