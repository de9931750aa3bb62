"""Sends one message and streams another. Run: TOKEN=... python examples/quickstart.py"""

import json
import os

import requests

URL = os.environ.get("URL", "http://127.0.0.1:18789")
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
CONVERSATION = {
    "sessionKey": "quickstart-py",
    "options": {"model": os.environ.get("MODEL", "builtin/demo")},
}

response = requests.post(
    f"{URL}/v1/agent/run",
    headers=HEADERS,
    json={**CONVERSATION, "message": "Hello!"},
)
response.raise_for_status()
print(response.json()["response"])

with requests.post(
    f"{URL}/v1/agent/run/stream",
    headers=HEADERS,
    json={**CONVERSATION, "message": "And again, please."},
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
