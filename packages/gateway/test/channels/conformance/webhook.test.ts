import { startWebhookPeer } from "./peers/webhook.ts";
import { conforms } from "./suite.ts";

conforms("a webhook", startWebhookPeer);
