//! Whether a server says that the prompt is too long, in whatever words: then the order is at
//! fault, and no further try helps.
//!
//! Known words: OpenAI, Azure, vLLM, SGLang, llama.cpp, TGI, TensorRT-LLM, LMDeploy, LM Studio,
//! Ollama, Mistral, Together, Fireworks, Groq, Cerebras, Gemini, Vertex, Anthropic, Bedrock, Cohere,
//! xAI, DeepSeek, GLM, Qwen, Kimi, MiniMax, Cloudflare, GitHub Models.

/// Codes that mean it.
const CODES: [&str; 13] = [
    "context_length_exceeded",
    "exceed_context_size",
    "context_window_exceeded",
    "context_window_exceeds",
    "contextwindowexceeded",
    "string_above_max_length",
    "request_too_large",
    "tokens_limit_reached",
    "token_limit_exceeded",
    "input_too_long",
    "prompt_too_long",
    "max_tokens_exceeded",
    "inputtoolong",
];
/// What is said of the room for the answer, which is no prompt.
const ANSWER: [&str; 8] = [
    "max_completion_tokens",
    "max_new_tokens",
    "max_output_tokens",
    "max_tokens",
    "completion tokens",
    "output tokens",
    "tokens per minute",
    "tokens per day",
];
/// What is measured.
const THING: [&str; 16] = [
    "prompt",
    "input",
    "context",
    "token",
    "sequence",
    "message",
    "request",
    "text",
    "conversation",
    "query",
    "输入",
    "提示",
    "上下文",
    "文本",
    "入力",
    "プロンプト",
];
/// How it is measured.
const MEASURE: [&str; 14] = [
    "token",
    "length",
    "long",
    "large",
    "big",
    "limit",
    "context",
    "size",
    "character",
    "window",
    "长",
    "長",
    "限制",
    "字符",
];
/// That it is more than it may be.
const EXCESS: [&str; 38] = [
    "too long",
    "too large",
    "too many",
    "too big",
    "exceed",
    "longer than",
    "greater than",
    "larger than",
    "bigger than",
    "more than",
    "above the",
    "over the",
    "beyond",
    "overflow",
    "reduce the length",
    "shorten",
    "must be <=",
    "must be less than",
    "must have less than",
    "less than or equal",
    "cannot be greater",
    "at most",
    "no more than",
    "only supports up to",
    "limited to",
    "should be [",
    "does not fit",
    "doesn't fit",
    "fewer",
    "not enough room",
    "超过",
    "超出",
    "超长",
    "过长",
    "太长",
    "超え",
    "長すぎ",
    "out of range",
];
/// Words of the length alone, which are said of nothing else.
const PLAIN: [&str; 16] = [
    "maximum context length",
    "context length",
    "context size",
    "context window",
    "context limit",
    "max_model_len",
    "maximum model length",
    "prompt is too long",
    "input is too long",
    "prompt too long",
    "max_seq_len",
    "maximum prompt length",
    "maximum input length",
    "maximum sequence length",
    "maximum number of input tokens",
    "model token limit",
];

/// Words of a length that a server which is down does not use.
const MEASURED: [&str; 6] = [
    "num_ctx",
    "n_ctx",
    "input length",
    "prompt length",
    "sequence length",
    "length of the prompt",
];

/// Whether `said`, a server's message and codes together, says so under `status`.
pub(super) fn is(status: u16, said: &str) -> bool {
    let said = said.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if status == 413 || has(&CODES) {
        return true;
    }
    match status {
        // Who may not ask, and who asks too often, is told of other limits.
        401..=408 | 410..=412 | 414..=421 | 423..=499 => false,
        // A server that is down speaks of many things.
        500..=599 => (has(&PLAIN) || has(&MEASURED)) && has(&EXCESS) || says_batch(&said),
        _ => has(&PLAIN) || by_words(&said) || says_negative(&said),
    }
}

/// By what is measured, how, and that it is too much.
fn by_words(said: &str) -> bool {
    let mut rest = said.to_owned();
    for answer in ANSWER {
        rest = rest.replace(answer, "");
    }
    let has = |words: &[&str]| words.iter().any(|word| rest.contains(word));
    // TGI adds the two up.
    has(&THING) && has(&MEASURE) && has(&EXCESS) && !rest.contains("rate limit")
}

/// llama.cpp before it had words for it.
fn says_batch(said: &str) -> bool {
    said.contains("too large to process")
}

/// What is left for the answer is less than nothing, and the server says that instead.
fn says_negative(said: &str) -> bool {
    (said.contains("got -") || said.contains("got: -")) && said.contains("tokens")
}

#[cfg(test)]
mod tests {
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
}
