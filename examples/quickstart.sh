#!/bin/sh
# Sends one message and streams another. Run: OPENCLAW_TOKEN=... sh examples/quickstart.sh
set -eu
URL="${OPENCLAW_URL:-http://localhost:18789}"
TOKEN="${OPENCLAW_TOKEN:-}"

curl --fail-with-body --silent --show-error "$URL/v1/agent/run" \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"message": "Hello!", "sessionKey": "quickstart-sh"}'
echo

curl --fail-with-body --silent --show-error --no-buffer "$URL/v1/agent/run/stream" \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"message": "And again, please.", "sessionKey": "quickstart-sh"}'
