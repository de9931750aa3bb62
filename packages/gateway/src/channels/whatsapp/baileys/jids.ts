import { noAddress, phoneDigits } from "../both/addresses.ts";

/** An id without its device (`49170:12@s.whatsapp.net` → `49170@s.whatsapp.net`), in the spelling of today. */
export function plainJid(jid: string): string {
  const at = jid.lastIndexOf("@");
  if (at < 0) return jid;
  const user = jid.slice(0, at).replace(/(_\d+)?(:\d+)?$/, "");
  const server = jid.slice(at + 1).toLowerCase();
  return `${user}@${server === "c.us" ? "s.whatsapp.net" : server}`;
}

export function isPhoneJid(jid: string | null | undefined): jid is string {
  return jid?.endsWith("@s.whatsapp.net") === true;
}

export function isLid(jid: string | null | undefined): jid is string {
  return jid?.endsWith("@lid") === true;
}

export function isGroup(jid: string): boolean {
  return jid.endsWith("@g.us");
}

/** The id of a person or a group, from what people write; `canonical` for comparing, where anything may come. */
export function jidOf(written: string): string | undefined {
  const jid = plainJid(written.trim().replace(/^whatsapp:/i, ""));
  if (/^\d+(-\d+)?@g\.us$/.test(jid) || /^\d+@lid$/.test(jid)) return jid;
  const digits = phoneDigits(jid);
  return digits === undefined ? undefined : `${digits}@s.whatsapp.net`;
}

export function destinationJid(to: string): string {
  const jid = jidOf(to);
  if (jid !== undefined) return jid;
  throw noAddress(
    "a number with its country code, as in +49 170 1234567, or a group's id, as in 120363…@g.us",
  );
}

/** Ids of messages are unique in their chat. */
export function messageId(chatJid: string, keyId: string): string {
  return `${plainJid(chatJid)}:${keyId}`;
}

/** The part of a message's id that WhatsApp knows. */
export function keyIdOf(id: string): string {
  return id.slice(id.lastIndexOf(":") + 1);
}
