/** A failure of a provider, under the name of the model that has it, and what becomes of its status on the way. */
export interface ProviderFailure {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
  /** The gateway's status. */
  through: number;
  /** Whether its message is about the request and so the caller's. */
  tells: boolean;
}

const said = (message: string, code: string | null = null) => ({
  error: { message, type: "some_error", param: null, code },
});

export const failures: Readonly<Record<string, ProviderFailure>> = {
  "fails-400": { status: 400, body: said("A 400 with ünïcode 🤷"), through: 400, tells: true },
  "fails-422": { status: 422, body: { detail: "A 422 of FastAPI" }, through: 400, tells: true },
  "fails-400-text": { status: 400, body: "plain words of a proxy", through: 400, tells: true },
  "fails-400-flat": {
    status: 400,
    body: { object: "error", message: "flat, as vLLM has it" },
    through: 400,
    tells: true,
  },
  "fails-401": { status: 401, body: said("Incorrect API key provided"), through: 502, tells: false },
  "fails-403": { status: 403, body: said("No access"), through: 502, tells: false },
  "fails-402": { status: 402, body: said("No credit left"), through: 502, tells: true },
  "fails-404": {
    status: 404,
    body: said("The model does not exist", "model_not_found"),
    through: 404,
    tells: true,
  },
  "fails-413": { status: 413, body: said("Far too much"), through: 413, tells: true },
  "fails-429": {
    status: 429,
    headers: { "retry-after": "61" },
    body: said("Slow down"),
    through: 429,
    tells: true,
  },
  "fails-429-quota": {
    status: 429,
    body: said("You exceeded your quota", "insufficient_quota"),
    through: 429,
    tells: true,
  },
  "fails-500": { status: 500, body: said("Internal oops"), through: 502, tells: true },
  "fails-503": {
    status: 503,
    headers: { "retry-after": "61" },
    body: said("Overloaded"),
    through: 502,
    tells: true,
  },
  "fails-529": {
    status: 529,
    headers: { "retry-after": "61" },
    body: said("Overloaded"),
    through: 502,
    tells: true,
  },
  "fails-html": { status: 502, body: "<html>Bad gateway</html>", through: 502, tells: false },
  "fails-200-garbage": { status: 200, body: "<html>a captive portal</html>", through: 502, tells: false },
  "fails-200-error": {
    status: 200,
    body: { error: { message: "within 200", code: 402 } },
    through: 502,
    tells: true,
  },
};
