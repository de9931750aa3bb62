import { z } from "zod";
import type { SearchProvider } from "./search-provider.ts";

const answer = z.object({
  results: z.array(z.object({ title: z.string(), url: z.string(), content: z.string().nullish() })),
});

/** SearXNG, of one's own; its settings must allow the format json. Source: https://docs.searxng.org/dev/search_api.html */
export const provider: SearchProvider = {
  request: ({ baseUrl, key, query }) => ({
    url: `${baseUrl}/search?${new URLSearchParams({ q: query, format: "json" })}`,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  }),
  results: (written) =>
    answer.parse(written).results.map(({ title, url, content }) => ({ title, url, snippet: content ?? "" })),
};
