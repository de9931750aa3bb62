#!/bin/sh
# Sends one message and streams another. Run: TOKEN=... sh examples/quickstart.sh
set -eu
URL="${URL:-http://127.0.0.1:18789}"
MODEL="${MODEL:-builtin/demo}"

curl --fail-with-body --silent --show-error "$URL/v1/agent/run" \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"message": "Hello!", "sessionKey": "quickstart-sh", "options": {"model": "'"$MODEL"'"}}'
echo

curl --fail-with-body --silent --show-error --no-buffer "$URL/v1/agent/run/stream" \
  -H "Authorization: Bearer $TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"message": "And again, please.", "sessionKey": "quickstart-sh", "options": {"model": "'"$MODEL"'"}}'
