"""OpenAI's own client against /v1."""

import math

import openai
import pytest

from conftest import MODEL

CAPITAL = [{"role": "user", "content": "What is the capital of France?"}]
# As transformers has it: tests/golden/logits.
ANSWER = "The capital of France is Paris."
PROMPT_TOKENS = 37


@pytest.fixture(scope="module")
def client(url):
    return openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=120)


def test_models(client):
    models = {model.id: model for model in client.models.list()}
    assert MODEL in models
    assert client.models.retrieve(MODEL) == models[MODEL]
    with pytest.raises(openai.NotFoundError) as error:
        client.models.retrieve("nobody")
    assert error.value.code == "model_not_found"


def test_chat(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=CAPITAL, max_tokens=16, temperature=0, logprobs=True, top_logprobs=3
    )
    choice = answer.choices[0]
    assert choice.message.content == ANSWER
    assert choice.finish_reason == "stop"
    assert answer.usage.prompt_tokens == PROMPT_TOKENS
    assert answer.usage.completion_tokens == 7
    tokens = choice.logprobs.content
    assert b"".join(bytes(token.bytes) for token in tokens).decode() == ANSWER
    for token in tokens:
        assert len(token.top_logprobs) == 3
        likeliest = token.top_logprobs[0]
        assert (likeliest.token, likeliest.logprob) == (token.token, token.logprob)
        assert sum(math.exp(other.logprob) for other in token.top_logprobs) <= 1


def test_chat_stream(client):
    stream = client.chat.completions.create(
        model=MODEL,
        messages=CAPITAL,
        max_completion_tokens=16,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == ANSWER
    assert len(pieces) > 3, "it came in pieces"
    assert chunks[-1].usage.completion_tokens == 7
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"


def test_system_message_and_going_on(client):
    messages = [
        {"role": "system", "content": "You answer in one word."},
        {"role": "user", "content": "What is the capital of France?"},
        {"role": "assistant", "content": "The capital of France is"},
    ]
    answer = client.chat.completions.create(
        model=MODEL,
        messages=messages,
        max_tokens=2,
        temperature=0,
        extra_body={"continue_final_message": True, "add_generation_prompt": False},
    )
    assert answer.choices[0].message.content.startswith(" Paris")


def test_completion_with_logprobs_of_the_prompt(client):
    prompt = "Berlin is the capital of Germany. Paris is the capital of"
    answer = client.completions.create(
        model=MODEL, prompt=prompt, max_tokens=1, temperature=0, echo=True, logprobs=2
    )
    choice = answer.choices[0]
    assert choice.text == prompt + " France"
    told = choice.logprobs
    assert "".join(told.tokens) == choice.text
    assert told.token_logprobs[0] is None and told.top_logprobs[0] is None
    assert all(value <= 0 for value in told.token_logprobs[1:])
    for token, offset in zip(told.tokens, told.text_offset):
        assert choice.text[offset:].startswith(token)
    assert answer.usage.prompt_tokens == len(told.tokens) - 1


def test_stop_string_in_a_stream(client):
    stream = client.completions.create(
        model=MODEL,
        prompt="1, 2, 3, 4, 5, 6,",
        max_tokens=24,
        temperature=0,
        stop=[", 9", "never"],
        stream=True,
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks) == " 7, 8"
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_refusals(client):
    with pytest.raises(openai.BadRequestError) as error:
        client.completions.create(model=MODEL, prompt="a", max_tokens=9000)
    assert error.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as error:
        client.chat.completions.create(model=MODEL, messages=CAPITAL, n=2)
    assert (error.value.code, error.value.param) == ("unsupported_parameter", "n")


def test_calls_of_longbench_and_ruler(client):
    """The calls that LongBench v2's pred.py and RULER's OpenAIClient make, by the same client.
    The programs themselves need more than an endpoint."""
    answer = client.chat.completions.create(
        model=MODEL, messages=CAPITAL, temperature=0.1, max_tokens=12
    )
    # Drawn by chance: the model begins with "The" or with "L", nearly as likely.
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens <= 12
    answer = client.chat.completions.create(
        model=MODEL,
        messages=CAPITAL,
        max_tokens=12,
        temperature=0.0,
        seed=0,
        top_p=1.0,
        stop=[],
    )
    assert answer.choices[0].message.content == ANSWER
