/** The ids of a conversation's calls as Anthropic takes them. */
export interface CallIds {
  /** Of a call, never the same twice. */
  ofCall(id: string): string;
  /** Of a result: that of the last call with this id. */
  ofResult(id: string): string;
}

/** A conversation may have begun with a provider whose ids have other characters, or begin anew with each answer. */
export function createCallIds(): CallIds {
  const used = new Set<string>();
  const latest = new Map<string, string>();
  return {
    ofCall(id) {
      const sound = soundId(id);
      let own = sound;
      for (let count = 2; used.has(own); count++) own = `${sound}_${count}`;
      used.add(own);
      latest.set(id, own);
      return own;
    },
    ofResult: (id) => latest.get(id) ?? soundId(id),
  };
}

function soundId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, "_") || "call";
}
