import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { configSchema } from "openclaw-protocol";
import { pino } from "pino";
import { Secret } from "../../src/lib/secrets.ts";
import { createTranscription } from "../../src/services/models/transcription.ts";

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  form: FormData;
}

const { signal } = new AbortController();
const voice = { bytes: Buffer.from("OggS the sound"), mimeType: "audio/ogg; codecs=opus", name: "note.opus" };

/** A provider at the wire, with what it was asked. */
async function startProvider(context: TestContext, answer: (response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { headers } = request;
    const whole = new Response(Buffer.concat(parts), {
      headers: { "content-type": headers["content-type"]! },
    });
    asked.push({ path: request.url!, headers, form: await whole.formData() });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { asked, baseUrl: `http://127.0.0.1:${address.port}/v1` };
}

const says = (text: unknown) => (response: ServerResponse) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify({ text }));
};

function transcription(config: Record<string, unknown>, env: Record<string, string> = {}) {
  const logged: string[] = [];
  const parsed = configSchema.parse(config);
  const made = createTranscription({
    sources: {
      config: parsed.models,
      keyOf: (names) => names.flatMap((it) => (env[it] ? [new Secret(env[it])] : []))[0],
      overrides: {},
      secretOf: (text) => new Secret(text),
    },
    config: parsed.tools.media.audio,
    log: pino({ level: "trace" }, { write: (line) => void logged.push(line) }),
  });
  return { ...made, logged };
}

test("a voice message becomes what OpenAI's model says that it says", async (context) => {
  const { asked, baseUrl } = await startProvider(context, says(" Hello there. "));
  const { transcribe } = transcription({ models: { providers: { openai: { baseUrl, apiKey: "sk-1" } } } });
  assert.equal(await transcribe(voice, { signal }), "Hello there.");
  const { path, headers, form } = asked[0]!;
  assert.equal(path, "/v1/audio/transcriptions");
  assert.equal(headers.authorization, "Bearer sk-1");
  assert.deepEqual(
    [form.get("model"), form.get("response_format"), form.get("language")],
    ["gpt-4o-mini-transcribe", "json", null],
  );
  const file = form.get("file");
  assert.ok(file instanceof File);
  assert.equal(file.name, "note.ogg");
  assert.equal(await file.text(), "OggS the sound");
});

test("the model and the language of the configuration are used, with the provider's own headers", async (context) => {
  const { asked, baseUrl } = await startProvider(context, says("ja"));
  const headers = { Authorization: "Token own", "Content-Type": "application/json", "x-team": "a" };
  const { transcribe } = transcription({
    models: { providers: { house: { baseUrl, apiKey: "k", headers } } },
    tools: { media: { audio: { model: "house/speech/large", language: "de" } } },
  });
  assert.equal(await transcribe({ ...voice, mimeType: "audio/mp4", name: "a b" }, { signal }), "ja");
  const { headers: sent, form } = asked[0]!;
  assert.equal(sent.authorization, "Token own");
  assert.equal(sent["x-team"], "a");
  assert.deepEqual([form.get("model"), form.get("language")], ["speech/large", "de"]);
  assert.equal((form.get("file") as File).name, "a b.m4a"); // a file, as the test before shows
});

test("Groq is asked where it has a key and OpenAI has none", async (context) => {
  const { asked, baseUrl } = await startProvider(context, says("x"));
  const { transcribe } = transcription(
    { models: { providers: { groq: { baseUrl } } } },
    { GROQ_API_KEY: "gk" },
  );
  assert.equal(await transcribe(voice, { signal }), "x");
  assert.equal(asked[0]!.form.get("model"), "whisper-large-v3-turbo");
  assert.equal(asked[0]!.headers.authorization, "Bearer gk");
});

test("nobody is asked without a key, when it is switched off, for a wire without it, or for too large a file", async (context) => {
  const { asked, baseUrl } = await startProvider(context, says("x"));
  const openai = { baseUrl, apiKey: "k" };
  const off = { tools: { media: { audio: { enabled: false } } } };
  const anthropic = { api: "anthropic-messages", baseUrl, apiKey: "k" };
  const silent = [
    transcription({}),
    transcription({ models: { providers: { openai } }, ...off }),
    transcription({ models: { providers: { openai } }, tools: { media: { audio: { model: "nobody/x" } } } }),
    transcription({ models: { providers: { a: anthropic } }, tools: { media: { audio: { model: "a/x" } } } }),
  ];
  for (const { transcribe } of silent) assert.equal(await transcribe(voice, { signal }), undefined);
  const { transcribe } = transcription({ models: { providers: { openai } } });
  const bytes = Buffer.alloc(25 * 1024 * 1024 + 1);
  assert.equal(await transcribe({ ...voice, bytes }, { signal }), undefined);
  assert.equal(asked.length, 0);
});

test("a failing provider is a line in the log that tells nothing secret", async (context) => {
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(401).end('{"error":"bad key sk-secret"}'),
    (response) => response.writeHead(302, { location: "http://127.0.0.1:9/?key=sk-secret" }).end(),
    (response) => response.end("no json, sk-secret"),
    (response) => response.destroy(),
  ];
  for (const answer of answers) {
    const { baseUrl } = await startProvider(context, answer);
    const { transcribe, logged } = transcription({
      models: { providers: { openai: { baseUrl, apiKey: "sk-secret" } } },
    });
    assert.equal(await transcribe(voice, { signal }), undefined);
    assert.equal(logged.length, 1);
    assert.doesNotMatch(logged.join(), /sk-secret/);
  }
});

test("neither the sound nor the key follows a redirect", async (context) => {
  const other = await startProvider(context, says("stolen"));
  const { baseUrl } = await startProvider(context, (response) => {
    response.writeHead(307, { location: `${other.baseUrl}/audio/transcriptions` }).end();
  });
  const { transcribe } = transcription({ models: { providers: { openai: { baseUrl, apiKey: "k" } } } });
  assert.equal(await transcribe(voice, { signal }), undefined);
  assert.equal(other.asked.length, 0);
});

test("an answer without words is none", async (context) => {
  for (const text of ["", "  ", 5, undefined]) {
    const { baseUrl } = await startProvider(context, says(text));
    const { transcribe } = transcription({ models: { providers: { openai: { baseUrl, apiKey: "k" } } } });
    assert.equal(await transcribe(voice, { signal }), undefined);
  }
});

test("an abort ends it", async (context) => {
  const controller = new AbortController();
  const { baseUrl } = await startProvider(context, () => controller.abort(new Error("stopped")));
  const { transcribe, logged } = transcription({
    models: { providers: { openai: { baseUrl, apiKey: "k" } } },
  });
  await assert.rejects(transcribe(voice, { signal: controller.signal }), /stopped/);
  assert.deepEqual(logged, []);
});
