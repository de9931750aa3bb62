// undici's front door loads fetch, WebSocket, caches and mocks (130 ms and 15 MB more); a wire needs only the pool.
declare module "undici/lib/dispatcher/pool.js" {
  import { Pool } from "undici";

  export default Pool;
}
