import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Answer, type StandIn, standIn } from "../support/stand-in.ts";
import { webRig } from "./web-rig.ts";

const open: StandIn[] = [];
afterEach(() => Promise.all(open.splice(0).map((it) => it.close())));

async function service(answer: Answer): Promise<StandIn> {
  const made = await standIn(answer);
  open.push(made);
  return made;
}

const key = "key-of-the-search";

function json(value: unknown): Answer {
  return (response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

test("Brave is asked with its key in a header", async () => {
  const brave = await service(
    json({
      web: {
        results: [
          {
            title: "<strong>Cats</strong> &amp; dogs",
            url: "https://cats.example/",
            description: "It&#x27;s <b>",
          },
          { title: "Bad", url: "javascript:alert(1)", description: "x" },
          { title: "No words", url: "https://b.example/" },
        ],
      },
    }),
  );
  const rig = webRig({ provider: "brave", baseUrl: `${brave.url}/res/v1/` }, { BRAVE_API_KEY: key }, []);
  const { result, isError } = await rig.call("web_search", { query: " cats & dogs ", count: 3 });
  assert.equal(isError, false);
  const { provider, count, results } = result as { provider: string; count: number; results: string }; // its shape
  assert.deepEqual([provider, count], ["brave", 2]);
  assert.match(
    results,
    /^<outside-([0-9a-f]+)> .+\n1\. Cats & dogs\nhttps:\/\/cats\.example\/\nIt's\s*\n\n2\. No words\nhttps:\/\/b\.example\/\n\n<\/outside-\1>$/,
  );
  const [hit] = brave.hits;
  assert.equal(hit?.headers["x-subscription-token"], key);
  const asked = new URL(hit.path, brave.url);
  assert.deepEqual(
    [asked.pathname, asked.searchParams.get("q"), asked.searchParams.get("count")],
    ["/res/v1/web/search", "cats & dogs", "3"],
  );
});

test("Tavily is asked by POST with its key as a bearer", async () => {
  const results = [1, 2, 3].map((i) => ({
    title: `T${i}`,
    url: `https://t.example/${i}`,
    content: "c\n".repeat(900),
  }));
  const tavily = await service(json({ results }));
  const rig = webRig({ provider: "tavily", apiKey: key, baseUrl: tavily.url }, { TAVILY_API_KEY: "another" });
  const found = await rig.web.port.search("cats", { count: 2, signal: AbortSignal.timeout(10_000) });
  assert.deepEqual(
    found.results.map((it) => it.title),
    ["T1", "T2"],
  );
  assert.ok(found.results.every((it) => it.snippet.length <= 500 && !it.snippet.includes("\n")));
  const [hit] = tavily.hits;
  assert.deepEqual(
    [hit?.method, hit?.path, hit?.headers.authorization],
    ["POST", "/search", `Bearer ${key}`],
  );
  assert.deepEqual(JSON.parse(hit!.body), { query: "cats", max_results: 2 });
});

test("SearXNG needs its address alone, with a login in it if there is one", async () => {
  const searxng = await service(
    json({ results: [{ title: "A", url: "https://a.example/", content: null }] }),
  );
  const baseUrl = searxng.url.replace("http://", "http://me:pa%20ss@");
  const rig = webRig({ provider: "searxng", baseUrl });
  const found = await rig.web.port.search("c&d", { count: 5, signal: AbortSignal.timeout(10_000) });
  assert.deepEqual(found, {
    provider: "searxng",
    results: [{ title: "A", url: "https://a.example/", snippet: "" }],
  });
  assert.equal(searxng.hits[0]?.path, "/search?q=c%26d&format=json");
  assert.equal(searxng.hits[0]?.headers.authorization, `Basic ${Buffer.from("me:pa ss").toString("base64")}`);
});

test("without a provider, a key or an address the refusal says what to set", async () => {
  const said = async (...setup: Parameters<typeof webRig>) => {
    const { result, isError } = await webRig(...setup).call("web_search", { query: "x" });
    assert.equal(isError, true);
    return (result as { error: string }).error; // so do errors look
  };
  assert.match(await said(), /^No web search is set up\. Set tools\.web\.search\.provider/);
  assert.match(
    await said({ provider: "altavista" }),
    /no search provider "altavista".*brave, tavily, searxng/,
  );
  assert.match(await said({ provider: "brave" }), /has no key.*tools\.web\.search\.apiKey.*BRAVE_API_KEY/);
  assert.match(await said({ provider: "searxng" }), /no address.*tools\.web\.search\.baseUrl/);
  const baseUrl = (await service(json({ results: [] }))).url;
  assert.match(await said({ baseUrl }), /^No web search is set up/);
  const byKey = webRig({ baseUrl }, { TAVILY_API_KEY: key });
  const { result } = await byKey.call("web_search", { query: "x" });
  assert.match(JSON.stringify(result), /"provider":"tavily","count":0.*nothing found/);
});

test("no failure of a provider tells its key, even when the provider repeats it", async () => {
  const answers: Answer[] = [
    ...[400, 401, 403, 429, 500].map(
      (status): Answer =>
        (response, { headers }) => {
          response.writeHead(status).end(String(headers.authorization));
        },
    ),
    (response, { headers }) => void response.end(String(headers.authorization)),
    (response) => void response.end('{"results": "none"}'),
    (response) => void response.destroy(),
    (response) => void response.end("x".repeat(2_000_000)),
  ];
  for (const answer of answers) {
    const { url } = await service(answer);
    const rig = webRig({ provider: "tavily", apiKey: key, baseUrl: url });
    const { result, isError } = await rig.call("web_search", { query: "x" });
    assert.equal(isError, true);
    assert.doesNotMatch(JSON.stringify(result), new RegExp(key));
    await assert.rejects(
      rig.web.port.search("x", { count: 1, signal: AbortSignal.timeout(10_000) }),
      (error: Error) => !`${error.message}${String(error.cause)}`.includes(key),
    );
  }
  const pasted = webRig({ provider: "tavily", apiKey: `${key}\n`, baseUrl: "http://127.0.0.1:1" });
  assert.doesNotMatch(JSON.stringify(await pasted.call("web_search", { query: "x" })), new RegExp(key));
});

test("a provider's redirect is not followed, so that its key goes nowhere else", async () => {
  const elsewhere = await service(json({ results: [] }));
  const moved = await service((response) => response.writeHead(302, { location: elsewhere.url }).end());
  const rig = webRig({ provider: "searxng", apiKey: key, baseUrl: moved.url });
  const { isError } = await rig.call("web_search", { query: "x" });
  assert.deepEqual([isError, moved.hits.length, elsewhere.hits.length], [true, 1, 0]);
});
