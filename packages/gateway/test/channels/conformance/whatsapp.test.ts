import { startWhatsAppPeer } from "./peers/whatsapp.ts";
import { conforms } from "./suite.ts";

conforms("WhatsApp's Cloud API", startWhatsAppPeer);
