use super::is;

#[test]
fn every_servers_words() {
    for (status, said) in [
        (
            400,
            "This model's maximum context length is 4096 tokens. However, you requested 9016 tokens (9000 in the messages, 16 in the completion). Please reduce the length of the messages or completion. context_length_exceeded",
        ),
        (
            400,
            "Input length (9000 tokens) exceeds the maximum allowed length (8186 tokens). Use a shorter input or enable --allow-auto-truncate. BadRequestError",
        ),
        (
            400,
            "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
        ),
        (
            400,
            "Requested token count exceeds the model's maximum context length of 8192 tokens.",
        ),
        (
            400,
            "The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens.",
        ),
        (400, "max_tokens must be at least 1, got -808."),
        (
            400,
            "The sequence length of the prompt (9000) plus max_new_tokens (128) surpasses the model's limit of 8192",
        ),
        (400, "n_ctx overflow: 9000 > 8192"),
        (
            400,
            "the request exceeds the available context size, try increasing it exceed_context_size_error",
        ),
        (
            500,
            "the request exceeds the available context size. try increasing the context size or enable context shift",
        ),
        (
            500,
            "input (9000 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
        ),
        (
            422,
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens and 16 `max_new_tokens`",
        ),
        (
            422,
            "Input validation error: `inputs` must have less than 4096 tokens. Given: 9000",
        ),
        (
            400,
            "Prompt length (9000) exceeds maximum input length (8192). Set log level to info",
        ),
        (
            400,
            "The number of tokens to keep from the initial prompt is greater than the context length.",
        ),
        (400, "the input length exceeds the context length"),
        (
            400,
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        ),
        (
            400,
            "The prompt is too long: 9000, model maximum context length: 8191",
        ),
        (
            400,
            "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
        ),
        (
            400,
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576). INVALID_ARGUMENT",
        ),
        (
            400,
            "Unable to submit request because the input token count is 40000 but model only supports up to 32768.",
        ),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (
            400,
            "input length and `max_tokens` exceed context limit: 199000 + 20000 > 200000, decrease input length or `max_tokens` and try again",
        ),
        (413, "Request exceeds the maximum size"),
        (
            413,
            "<html><head><title>413 Request Entity Too Large</title></head></html>",
        ),
        (
            400,
            "ValidationException Input is too long for requested model.",
        ),
        (
            400,
            "too many tokens: total number of tokens in the prompt cannot exceed 4081",
        ),
        (
            400,
            "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
        ),
        (400, "Prompt exceeds max length 1261"),
        (400, "输入的总长度超过了模型的最大上下文长度"),
        (400, "Prompt 超长 1261"),
        (
            400,
            "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
        ),
        (
            400,
            "Invalid request: Your request exceeded model token limit: 8192",
        ),
        (400, "invalid params, context window exceeds limit (2013)"),
        (
            400,
            "AiError: The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (8192).",
        ),
        (
            400,
            "Request body too large for gpt-4o model. Max size: 8000 tokens. tokens_limit_reached",
        ),
        (400, "Requested tokens (9000) exceed context window of 4096"),
        (400, "Please provide a prompt with fewer tokens."),
        (400, "Prompt is larger than allowed"),
        (400, "プロンプトが長すぎます"),
        (429, "context_length_exceeded"),
        (500, "input length 9000 exceeds num_ctx 4096"),
        (500, "the prompt is longer than n_ctx (9000 > 4096)"),
        (503, "prompt length 9000 is greater than 8192"),
        (
            424,
            "ModelError {\"error\":\"Input validation error: `inputs` must have less than 4096 tokens. Given: 5000\",\"code\":424}",
        ),
        (
            422,
            "Prompt has 5000 tokens, but the maximum for the model is 4096 tokens",
        ),
        (
            400,
            "The sequence length of the prompt is 5000 but model supports only 4096",
        ),
        (400, "the max input characters is 20000 336103"),
        (400, "入力トークン数が上限を超えています"),
        (
            400,
            "Die Eingabe ist zu lang: 5000 Token, erlaubt sind 4096",
        ),
        (400, "La requête dépasse la limite de 4096 tokens"),
        (400, "입력 토큰 수가 최대값을 초과했습니다"),
        (400, "Длина запроса превышает 4096 токенов"),
        (
            400,
            "string too long. Expected a string with maximum length 1048576 invalid_request_error messages[0].content string_above_max_length",
        ),
    ] {
        assert!(is(status, said), "{status} {said}");
    }
}

#[test]
fn other_limits_are_others() {
    for (status, said) in [
        (
            400,
            "max_tokens is too large: 16384. This model supports at most 4096 completion tokens, whereas you provided 16384.",
        ),
        (
            400,
            "max_tokens is too large: 99999. This model supports at most 16384 completion tokens, whereas you provided 99999. invalid_request_error max_tokens invalid_value",
        ),
        (
            400,
            "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 80 instead. string_above_max_length invalid_request_error",
        ),
        (
            424,
            "Request failed during generation: too many tokens in flight",
        ),
        (400, "temperature must be less than or equal to 2"),
        (400, "no such field"),
        (400, "`stop` has too many entries, at most 4"),
        (401, "the token is too long"),
        (404, "The model `x` does not exist"),
        (
            429,
            "Rate limit reached: limit 30000 tokens per minute, requested 40000. The request is too large.",
        ),
        (429, "You exceeded your current quota"),
        (500, "CUDA out of memory: too many tokens in flight"),
        (500, "the input could not be read"),
        (503, "too many requests in the queue, at most 100 tokens"),
    ] {
        assert!(!is(status, said), "{status} {said}");
    }
}

/// As they came from providers' own gateways.
#[test]
fn words_of_gateways() {
    for (status, said) in [
        (
            400,
            "Trying to keep the first 4200 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input",
        ),
        (
            400,
            "You passed 4097 input tokens and requested 16 output tokens. However, the model's context length is only 4096 tokens, resulting in a maximum input length of 4080 tokens. Please reduce the length of the input prompt. BadRequestError input_tokens 4097",
        ),
        (
            400,
            "The sum of prompt length (9000.0), query length (0.0) should not exceed max_num_tokens (8192)",
        ),
        (400, "Prompt length 5000 is greater than max_seq_len 4096"),
        (
            400,
            "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
        ),
        (
            400,
            "Requested generation length 1 is not possible! The provided prompt is 9000 tokens long, so generating 1 tokens requires a sequence length of 9001, but the maximum supported sequence length is just 8192!",
        ),
        (
            400,
            "litellm.ContextWindowExceededError: litellm.BadRequestError: this model cannot read so much",
        ),
        (
            400,
            "This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens (199984 of text input, 16 in the output). Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically.",
        ),
        (
            400,
            "'max_tokens' or 'max_completion_tokens' is too large: 16. This model's maximum context length is 4096 tokens and your request has 4090 input tokens (16 > 4096 - 4090).",
        ),
        (400, "Input length 200001 exceeds maximum 200000"),
        (
            400,
            "Prompt length + max_tokens exceeds the model's maximum of 8192 tokens",
        ),
        (
            400,
            "The prompt size (131100 tokens) exceeds the maximum context window of this deployment",
        ),
        (
            422,
            "Reached context length of 4096 tokens with model (arch: llama) that does not currently support mid-generation context overflow",
        ),
        (413, "Payload Too Large"),
    ] {
        assert!(is(status, said), "{status} {said}");
    }
}

#[test]
fn limits_of_gateways_are_others() {
    for (status, said) in [
        (
            413,
            "Request too large for model `llama-3.3-70b` in organization `org` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 7035, please reduce your message size and try again. tokens rate_limit_exceeded",
        ),
        (
            400,
            "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model invalid_request_error",
        ),
        (
            400,
            "max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet",
        ),
        (
            400,
            "max_completion_tokens is too large: 32768. This model supports at most 16384 completion tokens, whereas you provided 32768.",
        ),
        (
            400,
            "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64, but got a string with length 80 instead. string_above_max_length",
        ),
        (
            400,
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. content_filter 400 ResponsibleAIPolicyViolation",
        ),
        (
            400,
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        ),
        (
            400,
            "Unable to submit request because thinking_budget is out of range; supported values are integers from 128 to 32768.",
        ),
        (
            400,
            "Invalid value for 'top_logprobs': must be less than or equal to 20.",
        ),
        (
            400,
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead. integer_below_min_value",
        ),
        (
            400,
            "max_tokens must be greater than thinking.budget_tokens",
        ),
        (
            422,
            "Input validation error: `max_new_tokens` must be strictly positive",
        ),
        (400, "this model supports at most 4 stop sequences, got 5"),
        (498, "Flex tier capacity exceeded"),
    ] {
        assert!(!is(status, said), "{status} {said}");
    }
}
