"""Sends one message and streams another. Run: OPENCLAW_TOKEN=... python examples/quickstart.py"""

import json
import os

import requests

BASE_URL = os.environ.get("OPENCLAW_URL", "http://localhost:18789")
HEADERS = {"Authorization": f"Bearer {os.environ.get('OPENCLAW_TOKEN', '')}"}

response = requests.post(
    f"{BASE_URL}/v1/agent/run",
    headers=HEADERS,
    json={"message": "Hello!", "sessionKey": "quickstart-py"},
)
response.raise_for_status()
print(response.json()["response"])

with requests.post(
    f"{BASE_URL}/v1/agent/run/stream",
    headers=HEADERS,
    json={"message": "And again, please.", "sessionKey": "quickstart-py"},
    stream=True,
) as stream:
    stream.raise_for_status()
    stream.encoding = "utf-8"
    event = ""
    for line in stream.iter_lines(decode_unicode=True):
        if line.startswith("event: "):
            event = line[len("event: ") :]
        elif line.startswith("data: "):
            data = json.loads(line[len("data: ") :])
            if event == "delta":
                print(data["delta"], end="", flush=True)
            elif event == "error":
                raise SystemExit(data["error"]["message"])
print()
