//! Probes what only a request can show: counts, tokenizer, prefix, and how a prompt that is too
//! long is handled.

use fathom_shared::engine::CheckStatus;
use fathom_shared::prompt::Prompt;
use fathom_shared::thinking::left_open;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FailureKind, Timings};
use serde_json::{Value as Json, json};

use super::super::attempt;
use super::super::client::EndpointClient;
use super::super::error::{RequestError, short};
use super::super::json::count;
use super::super::request::ChatRequest;
use super::super::retry;
use super::super::wait::RequestWatch;
use super::super::whole_answer::WholeAnswer;
use super::PreflightReport;
use crate::config::{EndpointApi, PrefixStyle};
use crate::engine::{CompletionRequest, SamplingParams};

/// Texts in which tokenizers differ: digits, code, other scripts, white space.
const TEXTS: [&str; 3] = [
    "One of the special magic numbers for long-context is: 8241539.",
    "fn main() {\n\tlet x = vec![0x1F; 10_000];\n    println!(\"{x:?}\");\n}\n\n",
    "Grüße aus Köln, 東京は晴れ, Привет 👋🏽  twice  spaced",
];

/// Fills prompts.
const SENTENCE: &str = "The grass is green. The sky is blue. The sun is yellow. Here we go. ";

/// How fast a prompt of some length was read and answered.
#[derive(Clone, Copy)]
pub(super) struct ProbeSpeed {
    pub(super) prompt: Tokens,
    pub(super) answer: Tokens,
    pub(super) timings: Timings,
}

/// The request for `room` tokens after `prompt`.
fn call(server: &EndpointClient, prompt: &Prompt, room: u32) -> ChatRequest {
    let ask = CompletionRequest {
        prompt,
        max_tokens: Tokens(room),
        options: &[],
        settings: &SamplingParams::default(),
    };
    ChatRequest::new(&server.endpoint, &server.words, &ask)
}

async fn ask(
    server: &EndpointClient,
    prompt: &Prompt,
    room: u32,
    watch: &mut RequestWatch<'_>,
) -> Result<(WholeAnswer, Timings), RequestError> {
    retry::ask(server, &call(server, prompt, room), watch).await
}

/// What the server counts when it need not stream.
async fn in_one_piece(
    server: &EndpointClient,
    call: ChatRequest,
    watch: &mut RequestWatch<'_>,
) -> Option<Tokens> {
    let answer = attempt::ask(server, &call.unstreamed(), watch).await;
    answer.ok()?.0.usage.map(|usage| usage.prompt)
}

/// [`SENTENCE`] again and again, of at least `tokens` tokens; with its length.
fn long(server: &EndpointClient, tokens: u64) -> (Prompt, Tokens) {
    let each = u64::from(server.words.prompt_tokens(SENTENCE).0).max(1);
    let mut times = tokens.div_ceil(each);
    loop {
        let text = SENTENCE.repeat(usize::try_from(times).unwrap_or(0));
        let count = server.words.prompt_tokens(&text);
        if u64::from(count.0) >= tokens || times > tokens {
            return (Prompt::plain(&text), count);
        }
        times += times.div_ceil(10);
    }
}

/// Whether a short and a longer prompt have the length that we count; what the server's template
/// adds to both alike is none of ours. `None` where the server does not answer.
pub(super) async fn counts(
    report: &mut PreflightReport<'_>,
    watch: &mut RequestWatch<'_>,
) -> Option<ProbeSpeed> {
    const EXPECTED: &str = "an answer with `usage`";
    let server = report.server;
    let brief = Prompt::plain(TEXTS[0]);
    let few = server.words.prompt_tokens(&brief.text);
    let (full, many) = long(
        server,
        u64::from(server.endpoint.context.get() / 2).min(1000),
    );
    let mut answers = Vec::new();
    for (prompt, room) in [(&brief, 1), (&full, 16)] {
        match ask(server, prompt, room, watch).await {
            Ok(answer) => answers.push(answer),
            Err(fault) => {
                report.failed("answer", &fault, EXPECTED);
                return None;
            }
        }
    }
    let [(short, _), (long, timings)] = answers.as_slice() else {
        return None;
    };
    let counted = server.words.count(&long.text);
    let answer = long.usage.map_or(counted, |usage| usage.completion);
    let speed = ProbeSpeed {
        prompt: many,
        answer,
        timings: *timings,
    };
    let prompt = |whole: &WholeAnswer| whole.usage.map(|usage| usage.prompt);
    let mut usages = (prompt(short), prompt(long));
    if usages.1.is_none() {
        // Some servers count only what they send in one piece.
        usages = (
            in_one_piece(server, call(server, &brief, 1), watch).await,
            in_one_piece(server, call(server, &full, 1), watch).await,
        );
        let got = "an answer without `usage`: rows have only our own count";
        report.add("answer", CheckStatus::Warning, got, EXPECTED);
    } else {
        report.add(
            "answer",
            CheckStatus::Ok,
            "an answer with `usage`",
            EXPECTED,
        );
    }
    let (Some(short), Some(long)) = usages else {
        let got = "a server that counts nothing";
        report.add(
            "counts",
            CheckStatus::Warning,
            got,
            format!("{many} tokens"),
        );
        return Some(speed);
    };
    let template = i64::from(short.0) - i64::from(few.0);
    let off = i64::from(long.0) - i64::from(many.0) - template;
    server.counts.learn(template);
    let verdict = match off.abs() {
        0..=2 => CheckStatus::Ok,
        off if off * 20 <= i64::from(many.0) => CheckStatus::Warning,
        _ => CheckStatus::Fault,
    };
    let got = format!("{long} tokens in a prompt, of which its template adds {template}");
    report.add(
        "counts",
        verdict,
        got,
        format!("{many} without the template"),
    );
    Some(speed)
}

/// Whether the server's tokenizer is ours, token for token, where it shows them.
pub(super) async fn tokenizer(report: &mut PreflightReport<'_>, watch: &mut RequestWatch<'_>) {
    const EXPECTED: &str = "the tokens of the configured tokenizer";
    let server = report.server;
    for text in TEXTS {
        let Some(theirs) = theirs(server, text, watch).await else {
            let got = "a server that does not show its tokens: `counts` has to do";
            report.add("tokenizer", CheckStatus::Ok, got, EXPECTED);
            return;
        };
        let same = match server.words.counting.ids(text) {
            // Whether a first token is added is the template's business.
            Some(ours) => theirs == ours || theirs.get(1..) == Some(&ours[..]),
            None => theirs.len() == server.words.counting.prompt_tokens(text),
        };
        if !same {
            let ours = server.words.counting.prompt_tokens(text);
            let at = text.escape_debug();
            let got = format!(
                "{} tokens {} for \"{at}\"",
                theirs.len(),
                short(&format!("{theirs:?}"))
            );
            report.add(
                "tokenizer",
                CheckStatus::Fault,
                got,
                format!("{ours} others"),
            );
            return;
        }
    }
    let got = match server.words.counting.ids("") {
        Some(_) => "the same tokens for three texts",
        None => "the same number of tokens for three texts",
    };
    report.add("tokenizer", CheckStatus::Ok, got, EXPECTED);
}

/// The server's tokens of `text`.
async fn theirs(
    server: &EndpointClient,
    text: &str,
    watch: &mut RequestWatch<'_>,
) -> Option<Vec<u32>> {
    let base = &server.endpoint.base_url;
    // vLLM and SGLang read the first three fields, llama-server the others.
    let common = json!({
        "model": server.endpoint.model, "prompt": text, "add_special_tokens": false,
        "content": text, "add_special": false,
    });
    // llama-cpp-python's server has its own.
    let extra = json!({ "input": text });
    for (path, body) in [("tokenize", common), ("extras/tokenize", extra)] {
        let url = base.beside(path);
        let reply = match attempt::fetch(server, url, Some(&body), attempt::ASIDE, watch).await {
            Ok(reply) => reply,
            Err(fault) if fault.kind == FailureKind::Timeout => return None,
            Err(_) => continue,
        };
        // llama-server gives objects where it is asked for the pieces too.
        let id = |token: &Json| u32::try_from(count(token.get("id").unwrap_or(token))?).ok();
        let tokens = reply.get("tokens").and_then(Json::as_array);
        let tokens = tokens.and_then(|tokens| tokens.iter().map(id).collect());
        if tokens.is_some() {
            return tokens;
        }
    }
    None
}

/// Whether an answer that was begun is continued and not begun again.
pub(super) async fn prefix(report: &mut PreflightReport<'_>, watch: &mut RequestWatch<'_>) {
    const EXPECTED: &str = "the prefix continued with `six`";
    let server = report.server;
    let way = match (server.endpoint.api, server.endpoint.prefix) {
        (EndpointApi::Completions, _) if opens_thinking(server) => Some(
            "it ends the prompt, behind the thinking that the template opens and that is closed",
        ),
        (EndpointApi::Completions, _) => Some("it ends the prompt"),
        (EndpointApi::Chat, PrefixStyle::User) => Some("it ends the user's message"),
        (EndpointApi::Chat, PrefixStyle::Continue) => None,
    };
    if let Some(way) = way {
        report.add("prefix", CheckStatus::Ok, way, "the answer prefix is sent");
        return;
    }
    let (input, begun) = (
        "Write the numbers from one to ten in words, with commas between them.",
        "one, two, three, four, five,",
    );
    let prompt = Prompt {
        text: [input, begun].concat(),
        input: 0..input.len(),
        prefix: input.len()..input.len() + begun.len(),
    };
    let answer = match ask(server, &prompt, 12, watch).await {
        Ok((answer, _)) => answer,
        Err(fault) => return report.failed("prefix", &fault, EXPECTED),
    };
    let parted = answer
        .thinking
        .as_deref()
        .filter(|_| answer.text.trim().is_empty());
    if let Some(thought) = parted {
        let got = format!(
            "`{}` as thinking, which is not scored: ask with prefix = \"user\", or start the server without a reasoning parser",
            short(thought)
        );
        return report.add("prefix", CheckStatus::Fault, got, EXPECTED);
    }
    let honoured = honoured(server, &call(server, &prompt, 1), watch).await;
    let text = answer.text.trim().to_lowercase();
    let place = |word: &str| text.find(word);
    let again = place("one").is_some_and(|one| place("six").is_none_or(|six| one < six));
    let verdict = match honoured {
        _ if text.starts_with("six") => CheckStatus::Ok,
        Some(false) => CheckStatus::Fault,
        Some(true) if !again => CheckStatus::Ok,
        None if again => CheckStatus::Fault,
        _ => CheckStatus::Warning,
    };
    let got = format!("`{}`", short(&answer.text));
    report.add("prefix", verdict, got, EXPECTED);
}

/// Whether our own template of the model opens the thinking itself.
fn opens_thinking(server: &EndpointClient) -> bool {
    let template = server.words.template.as_ref();
    let around = template.map(|template| template.around_user());
    around.is_some_and(|(_, after)| left_open(after).is_some())
}

/// Whether the server leaves the turn open when told so: an answer that it ends, to begin another,
/// has more tokens around it. llama-server leaves it open in any case.
async fn honoured(
    server: &EndpointClient,
    open: &ChatRequest,
    watch: &mut RequestWatch<'_>,
) -> Option<bool> {
    let mut ended = open.clone();
    if let Json::Object(fields) = &mut ended.body {
        fields.remove("continue_final_message");
        fields.remove("add_generation_prompt");
    }
    let open = in_one_piece(server, open.clone(), watch).await?;
    let ended = in_one_piece(server, ended, watch).await?;
    Some(open < ended)
}

/// Longer prompts than this are not sent only to be refused.
const LONGEST: u64 = 300_000;

/// Whether a prompt that is too long is refused, or cut without a word.
pub(super) async fn truncation(
    report: &mut PreflightReport<'_>,
    cap: Option<u64>,
    watch: &mut RequestWatch<'_>,
) {
    const EXPECTED: &str = "a prompt that is too long is refused";
    let server = report.server;
    let cap = cap.unwrap_or_else(|| u64::from(server.endpoint.context.get()));
    if cap > LONGEST {
        let got = format!("not tried, as {cap} tokens are many");
        return report.add("truncation", CheckStatus::Warning, got, EXPECTED);
    }
    let (prompt, ours) = long(server, cap + 64);
    // Within a stream some servers fail without a word.
    let call = call(server, &prompt, 1).unstreamed();
    let (verdict, got) = match attempt::ask(server, &call, watch).await {
        Err(fault) if fault.kind == FailureKind::Context => (CheckStatus::Ok, fault.message),
        Err(fault) if matches!(fault.status, Some(400 | 413 | 422)) => {
            (CheckStatus::Ok, fault.message)
        }
        Err(fault) => (CheckStatus::Warning, fault.message),
        Ok((answer, _)) => match answer.usage.map(|usage| usage.prompt) {
            Some(read) if u64::from(read.0) + 8 >= u64::from(ours.0) => {
                let got = format!("reads all {read} tokens of a prompt of {ours}");
                (CheckStatus::Ok, got)
            }
            Some(read) => {
                let got = format!("read {read} tokens of a prompt of {ours} and said nothing");
                (CheckStatus::Fault, got)
            }
            None => {
                let got = format!("answered a prompt of {ours} tokens without `usage`");
                (CheckStatus::Warning, got)
            }
        },
    };
    report.add(
        "truncation",
        verdict,
        format!("a server that {got}"),
        EXPECTED,
    );
}
