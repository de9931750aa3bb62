import { z } from "zod";
import type { SearchProvider } from "./search-provider.ts";

const answer = z.object({
  results: z.array(z.object({ title: z.string(), url: z.string(), content: z.string().nullish() })),
});

/** Tavily. Source: https://docs.tavily.com/documentation/api-reference/endpoint/search */
export const provider: SearchProvider = {
  request: ({ baseUrl, key = "", query, count }) => ({
    url: `${baseUrl}/search`,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ query, max_results: count }),
  }),
  results: (written) =>
    answer.parse(written).results.map(({ title, url, content }) => ({ title, url, snippet: content ?? "" })),
};
