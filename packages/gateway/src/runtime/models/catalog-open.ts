import { thinkingLevels } from "openclaw-protocol";
import { type CatalogEntry, entry } from "./catalog-entry.ts";

const text = { input: ["text"] } as const;
const gptOss = { input: ["text"], thinking: ["off", "low", "medium", "high"], lowestEffort: "low" } as const;

const million = { context: 1_000_000, answer: 128_000 };
const routed = { thinking: ["off", "low", "medium", "high", "xhigh"], lowestEffort: "none" } as const;

/** The smaller catalogs, by provider: each from the provider's own model and pricing pages. */
export const openModels: Readonly<Record<string, readonly CatalogEntry[]>> = {
  deepseek: [
    entry("deepseek-chat", "DeepSeek Chat", { context: 128_000, answer: 8192 }, [0.28, 0.42, 0.028], text),
    entry(
      "deepseek-reasoner",
      "DeepSeek Reasoner",
      { context: 128_000, answer: 65_536 },
      [0.28, 0.42, 0.028],
      text,
    ),
  ],
  mistral: [
    entry("mistral-large-latest", "Mistral Large", { context: 256_000, answer: 8192 }, [0.5, 1.5]),
    entry("mistral-medium-latest", "Mistral Medium", { context: 128_000, answer: 8192 }, [0.4, 2]),
    entry("mistral-small-latest", "Mistral Small", { context: 128_000, answer: 8192 }, [0.1, 0.3]),
    entry("codestral-latest", "Codestral", { context: 256_000, answer: 8192 }, [0.3, 0.9], text),
  ],
  groq: [
    entry("openai/gpt-oss-120b", "GPT-OSS 120B", { context: 131_072, answer: 65_536 }, [0.15, 0.6], gptOss),
    entry("openai/gpt-oss-20b", "GPT-OSS 20B", { context: 131_072, answer: 65_536 }, [0.075, 0.3], gptOss),
    entry(
      "llama-3.3-70b-versatile",
      "Llama 3.3 70B",
      { context: 131_072, answer: 32_768 },
      [0.59, 0.79],
      text,
    ),
    entry("llama-3.1-8b-instant", "Llama 3.1 8B", { context: 131_072, answer: 131_072 }, [0.05, 0.08], text),
  ],
  xai: [
    entry("grok-4", "Grok 4", { context: 256_000, answer: 64_000 }, [3, 15, 0.75]),
    entry("grok-code-fast-1", "Grok Code Fast", { context: 256_000, answer: 64_000 }, [0.2, 1.5, 0.02], text),
    entry("grok-3", "Grok 3", { context: 131_072, answer: 64_000 }, [3, 15, 0.75], text),
    entry("grok-3-mini", "Grok 3 Mini", { context: 131_072, answer: 64_000 }, [0.3, 0.5, 0.075], {
      input: ["text"],
      thinking: ["off", "low", "high"],
      lowestEffort: "low",
    }),
  ],
  moonshot: [entry("kimi-k2.5", "Kimi K2.5", { context: 262_144, answer: 32_768 }, [0.6, 3, 0.1])],
  zai: [entry("glm-4.6", "GLM 4.6", { context: 200_000, answer: 128_000 }, [0.6, 2.2, 0.11], text)],
  cerebras: [
    entry("gpt-oss-120b", "GPT-OSS 120B", { context: 131_072, answer: 40_960 }, [0.35, 0.75], gptOss),
  ],
  openrouter: [
    entry("anthropic/claude-sonnet-5.5", "Claude Sonnet 5.5", million, [2, 10, 0.2, 2.5], routed),
    entry("openai/gpt-5.4", "GPT-5.4", million, [2.5, 15, 0.25], routed),
    entry(
      "google/gemini-2.5-flash",
      "Gemini 2.5 Flash",
      { context: 1_048_576, answer: 65_536 },
      [0.3, 2.5, 0.03],
      {
        thinking: ["off", "low", "medium", "high"],
        lowestEffort: "none",
      },
    ),
  ],
  builtin: [
    entry("demo", "Built-in demo", { context: 128_000, answer: 65_536 }, [0, 0], {
      thinking: thinkingLevels,
      input: ["text", "image", "audio", "video", "pdf"],
    }),
  ],
};
