import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentRig, told } from "../../support/agent-rig.ts";
import type { Json } from "../../support/gateway.ts";
import { type StandIn, standIn } from "../../support/stand-in.ts";

/** Where a case is played: names made of the tag are its own. */
export interface Place {
  readonly rig: AgentRig;
  readonly site: StandIn;
  /** Of the agent that plays. */
  readonly workspace: string;
  readonly tag: string;
}

/** One call of a tool, what comes of it, and how to see from outside whether it was made. */
export interface ToolCase {
  readonly tool: string;
  /** The usual policy has the owner asked. */
  readonly asked?: boolean;
  /** It fails, as nothing is set up for it. */
  readonly fails?: boolean;
  given?(place: Place): unknown;
  arguments(place: Place): Json;
  readonly gives: RegExp;
  /** Undefined: it leaves no trace. */
  happened?(place: Place): boolean | Promise<boolean>;
}

const text = "roses are red\nviolets are blue\n";
const poem = (place: Place) => `poem-${place.tag}.txt`;
const inWorkspace = ({ workspace }: Place, name: string) => join(workspace, name);

function givenPoem(place: Place): void {
  mkdirSync(place.workspace, { recursive: true });
  writeFileSync(inWorkspace(place, poem(place)), text);
}

const isChanged = (place: Place) => readFileSync(inWorkspace(place, poem(place)), "utf8") !== text;
const isThere = (name: (place: Place) => string) => (place: Place) =>
  existsSync(inWorkspace(place, name(place)));

async function has({ rig }: Place, path: string, what: string): Promise<boolean> {
  return (await rig.gateway.api("GET", path)).text.includes(what);
}

async function talk({ rig, tag }: Place): Promise<void> {
  await rig.gateway.api("POST", "/v1/agent/run", { message: "hello", sessionKey: `friend-${tag}` });
}

/** One for every tool that there is. */
export const toolCases: readonly ToolCase[] = [
  {
    tool: "apply_patch",
    given: givenPoem,
    arguments: (place) => ({
      patch: `*** Begin Patch\n*** Update File: ${poem(place)}\n@@\n-roses are red\n+roses are white\n*** End Patch`,
    }),
    gives: /"change":"update"/,
    happened: isChanged,
  },
  { tool: "clock", arguments: () => ({ timezone: "Europe/Berlin" }), gives: /GMT\+[12]|CES?T/ },
  {
    tool: "cron",
    arguments: ({ tag }) => ({
      action: "create",
      name: `job-${tag}`,
      schedule: "0 9 1 1 *",
      message: "wake",
    }),
    gives: /"jobId"/,
    happened: (place) => has(place, "/v1/cron", `job-${place.tag}`),
  },
  {
    tool: "edit",
    given: givenPoem,
    arguments: (place) => ({ path: poem(place), edits: [{ old: "red", new: "white" }] }),
    gives: /"replacements":1/,
    happened: isChanged,
  },
  {
    tool: "exec",
    asked: true,
    arguments: ({ tag }) => ({ argv: ["touch", `touched-${tag}`] }),
    gives: /"exitCode":0/,
    happened: isThere(({ tag }) => `touched-${tag}`),
  },
  { tool: "list", given: givenPoem, arguments: () => ({ glob: "poem-*" }), gives: /poem-/ },
  {
    tool: "message",
    arguments: () => ({ channel: "telegram", to: "42", text: "hello" }),
    fails: true,
    gives: /Telegram/,
  },
  { tool: "process", arguments: () => ({ action: "list" }), gives: /"processes":\[\]/ },
  {
    tool: "read",
    given: givenPoem,
    arguments: (place) => ({ path: poem(place), offset: 2 }),
    gives: /violets/,
  },
  {
    tool: "search",
    given: givenPoem,
    arguments: (place) => ({ pattern: "violets? are", glob: poem(place) }),
    gives: /:2: violets are blue/,
  },
  {
    tool: "sessions_history",
    given: talk,
    arguments: ({ tag }) => ({ sessionKey: `friend-${tag}` }),
    gives: /heard: hello/,
  },
  {
    tool: "sessions_list",
    given: talk,
    arguments: ({ tag }) => ({ search: `friend-${tag}` }),
    gives: /"title":"hello"/,
  },
  {
    tool: "sessions_send",
    given: talk,
    arguments: ({ tag }) => ({ sessionKey: `friend-${tag}`, message: `ping ${tag}` }),
    gives: /heard: ping/,
    happened: (place) => has(place, `/v1/sessions/friend-${place.tag}`, `ping ${place.tag}`),
  },
  {
    tool: "spawn",
    arguments: ({ tag }) => ({ task: `think of ${tag}`, wait: true }),
    gives: /"status":"done".*heard: think of/,
    happened: ({ rig, tag }) =>
      rig.fake.requests.some(({ body }) => {
        const messages = body.messages as Json[] | undefined;
        return messages?.some((it) => it.content === `think of ${tag}`);
      }),
  },
  {
    tool: "web_fetch",
    arguments: ({ site, tag }) => ({ url: `${site.url}/page-${tag}` }),
    gives: /the page's own words/,
    happened: ({ site, tag }) => site.hits.some((it) => it.path === `/page-${tag}`),
  },
  {
    tool: "web_search",
    arguments: ({ tag }) => ({ query: `what-${tag}` }),
    gives: /the found one's words/,
    happened: ({ site, tag }) => site.hits.some((it) => it.path.includes(`q=what-${tag}&`)),
  },
  {
    tool: "write",
    arguments: ({ tag }) => ({ path: `notes/note-${tag}.md`, content: "a note" }),
    gives: /"created":true/,
    happened: isThere(({ tag }) => `notes/note-${tag}.md`),
  },
];

/** Has what the case needs made, and gives the message on which the model makes its call. */
export async function messageFor(it: ToolCase, place: Place): Promise<string> {
  await it.given?.(place);
  return told([{ name: it.tool, arguments: it.arguments(place) }]);
}

/** A site with pages, which is also a search service. */
export function startSite(): Promise<StandIn> {
  return standIn((response, { path }) => {
    if (path.startsWith("/search")) {
      const found = { title: "Found", url: "https://example.com/", content: "the found one's words" };
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ results: [found] }));
    }
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html><title>A page</title><body><p>the page's own words</p></body></html>");
  });
}
