import type { Json } from "../support/gateway.ts";

/** Where we knowingly do not do what OpenAI's document says. */
export interface Difference {
  name: string;
  /** Why; docs/compatibility.md says the same. */
  reason: string;
  /** Changes the document's schemas so that what we do is right by them. */
  loosen(schemas: Json): void;
}

const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: "null" }] });

export const differences: readonly Difference[] = [
  {
    name: "`usage` of a response that has not ended is `null`",
    reason: "OpenResponses wants the field in every response, and OpenAI's own API sends `null` there",
    loosen({ Response }) {
      for (const part of [Response, ...(Response.allOf ?? [])])
        if (part.properties?.usage) part.properties.usage = orNull(part.properties.usage);
    },
  },
  {
    name: "`embedding` is text where `encoding_format` is `base64`",
    reason: "the document knows numbers only, though OpenAI's own SDK asks for base64 unless told otherwise",
    loosen({ Embedding }) {
      Embedding.properties.embedding = { anyOf: [Embedding.properties.embedding, { type: "string" }] };
    },
  },
  {
    name: "`finish_reason` is `null` in all chunks of a legacy completion but the last",
    reason: "OpenAI's own API sends it so, and what providers send is handed on",
    loosen({ CreateCompletionResponse }) {
      const { properties } = CreateCompletionResponse.properties.choices.items;
      properties.finish_reason = orNull(properties.finish_reason);
    },
  },
  {
    name: "`error.param` is absent where no parameter is at fault",
    reason: "errors have one form on all of the gateway's own routes; SDKs read an absent field as `null`",
    loosen({ Error: error }) {
      error.required = error.required.filter((it: string) => it !== "param");
    },
  },
];
