/** One result, as found. */
export interface Found {
  title: string;
  url: string;
  snippet: string;
}

export interface SearchWish {
  /** Without a slash at its end. */
  baseUrl: string;
  key: string | undefined;
  query: string;
  count: number;
}

/** A search service as a pure translator: what to ask, and what the answer holds. */
export interface SearchProvider {
  /** With a `body` it is a POST. */
  request(wish: SearchWish): { url: string; headers: Record<string, string>; body?: string };
  /** Throws where the answer is none of its own. */
  results(answer: unknown): Found[] | Promise<Found[]>;
}
