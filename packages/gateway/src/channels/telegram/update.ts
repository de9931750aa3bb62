import { z } from "zod";

/** What of an update is read (https://core.telegram.org/bots/api#update). */

const user = z.object({
  id: z.int(),
  is_bot: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  username: z.string().optional(),
});

const chat = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string().optional(),
  first_name: z.string().optional(),
  username: z.string().optional(),
  is_forum: z.boolean().optional(),
});

const entity = z.object({
  type: z.string(),
  offset: z.int(),
  length: z.int(),
  url: z.string().optional(),
  user: user.optional(),
});

const file = z.object({
  file_id: z.string(),
  file_size: z.number().optional(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
});

const photoSize = file.extend({ width: z.number(), height: z.number() });

const sticker = file.extend({
  emoji: z.string().optional(),
  is_animated: z.boolean().optional(),
  is_video: z.boolean().optional(),
});

const location = z.object({ latitude: z.number(), longitude: z.number() });

const repliedTo = z.object({
  message_id: z.int(),
  from: user.optional(),
  sender_chat: chat.optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
});

const message = z.object({
  message_id: z.int(),
  message_thread_id: z.int().optional(),
  is_topic_message: z.boolean().optional(),
  date: z.number(),
  chat,
  from: user.optional(),
  sender_chat: chat.optional(),
  text: z.string().optional(),
  entities: z.array(entity).optional(),
  caption: z.string().optional(),
  caption_entities: z.array(entity).optional(),
  reply_to_message: repliedTo.optional(),
  quote: z.object({ text: z.string() }).optional(),
  photo: z.array(photoSize).optional(),
  document: file.optional(),
  audio: file.optional(),
  voice: file.optional(),
  video: file.optional(),
  video_note: file.optional(),
  animation: file.optional(),
  sticker: sticker.optional(),
  location: location.optional(),
  venue: z.object({ title: z.string(), address: z.string() }).optional(),
  contact: z
    .object({ phone_number: z.string(), first_name: z.string(), last_name: z.string().optional() })
    .optional(),
  migrate_to_chat_id: z.int().optional(),
});

export const update = z.object({ update_id: z.int(), message: message.optional() });

export type TelegramMessage = z.output<typeof message>;
export type Entity = z.output<typeof entity>;
export type TelegramFile = z.output<typeof file>;
