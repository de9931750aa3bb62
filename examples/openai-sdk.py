"""OpenAI's SDK: one answer, then one that is streamed. Run: TOKEN=... python examples/openai-sdk.py"""

import os

from openai import OpenAI

URL = os.environ.get("URL", "http://127.0.0.1:18789")
MODEL = os.environ.get("MODEL", "builtin/demo")
client = OpenAI(base_url=f"{URL}/v1", api_key=os.environ["TOKEN"])

answer = client.chat.completions.create(
    model=MODEL, messages=[{"role": "user", "content": "Hello!"}]
)
print(answer.choices[0].message.content)

stream = client.chat.completions.create(
    model=MODEL,
    messages=[{"role": "user", "content": "And again, please."}],
    stream=True,
)
for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
print()
