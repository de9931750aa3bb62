import type { Dialect, FakeUsage, Said } from "./fake-model-dialects.ts";

type Json = Record<string, unknown>;

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const usageOf = ({ prompt, completion }: FakeUsage) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
});

/** The vector that the fake makes of an input. Its numbers are whole as float32, so that base64 loses nothing. */
export function fakeVector(input: unknown, dimensions = 8): number[] {
  const text = JSON.stringify(input);
  return Array.from({ length: dimensions }, (_, index) => (text.charCodeAt(index % text.length) - 64) / 128);
}

/** https://platform.openai.com/docs/api-reference/embeddings. `fake_form` in a body overrides its `encoding_format`. */
export function embeddingsDialect(body: Json): Dialect {
  const { input, dimensions = 8, encoding_format: asked, fake_form: form = asked } = body;
  const isOne = !Array.isArray(input) || typeof input[0] === "number";
  const inputs: unknown[] = isOne ? [input] : (input as unknown[]);
  const written = (vector: number[]) =>
    form === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector;
  return unstreamed((model, { usage }) => ({
    object: "list",
    data: inputs.map((it, index) => ({
      object: "embedding",
      index,
      embedding: written(fakeVector(it, Number(dimensions))),
    })),
    model: `${model}-2026`,
    usage: { prompt_tokens: usage.prompt, total_tokens: usage.prompt },
  }));
}

/** https://ai.google.dev/api/embeddings */
export function googleEmbeddingsDialect(body: Json): Dialect {
  // As the protocol says.
  const requests = body.requests as {
    content: { parts: { text: string }[] };
    outputDimensionality?: number;
  }[];
  return unstreamed(() => ({
    embeddings: requests.map(({ content, outputDimensionality }) => ({
      values: fakeVector(content.parts[0]!.text, outputDimensionality),
    })),
  }));
}

function unstreamed(whole: Dialect["whole"]): Dialect {
  const nothing = () => "";
  return { begin: nothing, text: nothing, reasoning: nothing, call: () => [], end: nothing, whole };
}

/** https://platform.openai.com/docs/api-reference/completions */
export function completionsDialect(includeUsage: boolean): Dialect {
  let model = "";
  const piece = (text: string, finish: Said["finish"] | null = null) => ({
    id: "fake-1",
    object: "text_completion",
    created: 1_700_000_000,
    model: `${model}-2026`,
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  });
  return {
    begin(asked) {
      model = asked;
      return "";
    },
    text: (delta) => data(piece(delta)),
    reasoning: () => "",
    call: () => [],
    end(said) {
      const usage = includeUsage ? data({ ...piece(""), choices: [], usage: usageOf(said.usage) }) : "";
      return `${data(piece("", said.finish))}${usage}data: [DONE]\n\n`;
    },
    whole(asked, said) {
      model = asked;
      return { ...piece(said.text, said.finish), usage: usageOf(said.usage) };
    },
  };
}
