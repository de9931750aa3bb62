import { startTelegramPeer } from "./peers/telegram.ts";
import { conforms } from "./suite.ts";

conforms("Telegram", startTelegramPeer);
