//! Detects whether a server says, in whatever words, that the prompt is too long: then the run spec
//! is at fault, and another attempt will not help.
//!
//! Known words: OpenAI, Azure, vLLM, SGLang, llama.cpp, TGI, TensorRT-LLM, LMDeploy, LM Studio,
//! Ollama, Mistral, Together, Fireworks, Groq, Cerebras, Gemini, Vertex, Anthropic, Bedrock, Cohere,
//! xAI, DeepSeek, GLM, Qwen, Kimi, MiniMax, Cloudflare, GitHub Models.

mod limit_phrases; // phrases that servers use to say it

use limit_phrases::{ANSWER, CODES, EXCESS, KINDS, MEASURE, MEASURED, PLAIN, RATES, TEXTS, THING};

/// Whether `said`, a server's message and codes, says so together with the HTTP status `status`.
pub(super) fn is(status: u16, said: &str) -> bool {
    // No prompt, whatever it is called.
    let said = said.to_lowercase().replace("prompt_cache_key", "");
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // What may be asked within a minute is another limit, also where it is smaller than a prompt.
    if status == 413 && has(&RATES) {
        return false;
    }
    if status == 413 || has(&CODES) {
        return true;
    }
    if said.contains("string_above_max_length") && has(&TEXTS) {
        return true;
    }
    match status {
        // Refused permission and rate limits are about other limits.
        401..=408 | 410..=412 | 414..=421 | 423 | 425..=499 => false,
        // A server that is down speaks of many things, and so does one before it (424) that has
        // its words; unless it says that the request is at fault.
        424 | 500..=599 => {
            (has(&PLAIN) || has(&MEASURED)) && has(&EXCESS)
                || says_batch(&said)
                || said.contains("validation error") && by_words(&said)
        }
        _ => has(&PLAIN) || by_words(&said) || says_negative(&said),
    }
}

/// By what is measured, how, and that it is too much.
fn by_words(said: &str) -> bool {
    let mut rest = said.to_owned();
    for other in ANSWER.iter().chain(&KINDS) {
        rest = rest.replace(other, "");
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
mod tests;
