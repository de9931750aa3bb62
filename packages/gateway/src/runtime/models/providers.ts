import type { PassDialect } from "./types.ts";

/** How a provider is spoken to: the name of a wire in `index.ts`. */
export type WireApi =
  | "openai-completions"
  | "openai-responses"
  | "anthropic-messages"
  | "google-generative-ai"
  | "demo";

/** The callers' dialects that the providers of an API speak themselves. */
const spoken: Readonly<Record<string, readonly PassDialect[]>> = {
  "openai-completions": ["chat-completions", "completions", "embeddings"],
  "openai-responses": ["responses", "compact", "embeddings"],
  "anthropic-messages": ["messages", "count-tokens"],
};

/** Whether providers of the API take bodies of the dialect as they are. */
export function speaks(api: string, dialect: PassDialect): boolean {
  return spoken[api]?.includes(dialect) ?? false;
}

/** A provider that works without configuration, given its key. */
export interface KnownProvider {
  readonly id: string;
  readonly name: string;
  readonly api: WireApi;
  /** What stands before `/chat/completions`, `/messages` or `/models`. */
  readonly baseUrl: string;
  /** Environment variables that hold its key, the first that is set counts. */
  readonly keyVariables: readonly string[];
  readonly needsKey: boolean;
}

const openaiLike = (id: string, name: string, baseUrl: string, ...keyVariables: string[]): KnownProvider => ({
  id,
  name,
  api: "openai-completions",
  baseUrl,
  keyVariables,
  needsKey: keyVariables.length > 0,
});

/** Every provider known by name, in the order in which a first start looks for a key. */
export const providers: readonly KnownProvider[] = [
  {
    id: "anthropic",
    name: "Anthropic",
    api: "anthropic-messages",
    baseUrl: "https://api.anthropic.com/v1",
    keyVariables: ["ANTHROPIC_API_KEY"],
    needsKey: true,
  },
  openaiLike("openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY"),
  {
    id: "google",
    name: "Google",
    api: "google-generative-ai",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    needsKey: true,
  },
  openaiLike("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
  openaiLike("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
  openaiLike("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
  openaiLike("mistral", "Mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
  openaiLike("xai", "xAI", "https://api.x.ai/v1", "XAI_API_KEY"),
  openaiLike("together", "Together", "https://api.together.xyz/v1", "TOGETHER_API_KEY"),
  openaiLike("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
  openaiLike("cerebras", "Cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
  openaiLike("moonshot", "Moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"),
  openaiLike("zai", "Z.ai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY"),
  openaiLike("nvidia", "NVIDIA", "https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
  openaiLike("huggingface", "Hugging Face", "https://router.huggingface.co/v1", "HF_TOKEN"),
  openaiLike("minimax", "MiniMax", "https://api.minimax.io/v1", "MINIMAX_API_KEY"),
  openaiLike("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
  openaiLike("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
  openaiLike("vllm", "vLLM", "http://127.0.0.1:8000/v1"),
  { id: "builtin", name: "The built-in demo", api: "demo", baseUrl: "", keyVariables: [], needsKey: false },
];

/** A known provider by its id. */
export function findProvider(id: string): KnownProvider | undefined {
  return providers.find((it) => it.id === id);
}
