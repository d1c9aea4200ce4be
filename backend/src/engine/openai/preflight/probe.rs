//! What only asking tells: counts, tokenizer, prefix, and what becomes of a prompt that is too
//! long.

use fathom_shared::engine::Verdict;
use fathom_shared::prompt::Prompt;
use fathom_shared::thinking::left_open;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FailureKind, Timings};
use serde_json::{Value as Json, json};

use super::super::attempt;
use super::super::fault::{Fault, short};
use super::super::json::count;
use super::super::reply::Whole;
use super::super::request::Call;
use super::super::retry;
use super::super::server::Server;
use super::super::wait::Watch;
use super::Report;
use crate::config::{Api, PrefixStyle};
use crate::engine::{Ask, Settings};

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
pub(super) struct Speed {
    pub(super) prompt: Tokens,
    pub(super) answer: Tokens,
    pub(super) timings: Timings,
}

/// The request for `room` tokens after `prompt`.
fn call(server: &Server, prompt: &Prompt, room: u32) -> Call {
    let ask = Ask {
        prompt,
        max_tokens: Tokens(room),
        options: &[],
        settings: &Settings::default(),
    };
    Call::new(&server.endpoint, &server.words, &ask)
}

async fn ask(
    server: &Server,
    prompt: &Prompt,
    room: u32,
    watch: &mut Watch<'_>,
) -> Result<(Whole, Timings), Fault> {
    retry::ask(server, &call(server, prompt, room), watch).await
}

/// What the server counts when it need not stream.
async fn in_one_piece(server: &Server, call: Call, watch: &mut Watch<'_>) -> Option<Tokens> {
    let answer = attempt::ask(server, &call.unstreamed(), watch).await;
    answer.ok()?.0.usage.map(|usage| usage.prompt)
}

/// [`SENTENCE`] again and again, of at least `tokens` tokens; with its length.
fn long(server: &Server, tokens: u64) -> (Prompt, Tokens) {
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
pub(super) async fn counts(report: &mut Report<'_>, watch: &mut Watch<'_>) -> Option<Speed> {
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
    let speed = Speed {
        prompt: many,
        answer,
        timings: *timings,
    };
    let prompt = |whole: &Whole| whole.usage.map(|usage| usage.prompt);
    let mut usages = (prompt(short), prompt(long));
    if usages.1.is_none() {
        // Some servers count only what they send in one piece.
        usages = (
            in_one_piece(server, call(server, &brief, 1), watch).await,
            in_one_piece(server, call(server, &full, 1), watch).await,
        );
        let got = "an answer without `usage`: rows have only our own count";
        report.add("answer", Verdict::Warning, got, EXPECTED);
    } else {
        report.add("answer", Verdict::Ok, "an answer with `usage`", EXPECTED);
    }
    let (Some(short), Some(long)) = usages else {
        let got = "a server that counts nothing";
        report.add("counts", Verdict::Warning, got, format!("{many} tokens"));
        return Some(speed);
    };
    let template = i64::from(short.0) - i64::from(few.0);
    let off = i64::from(long.0) - i64::from(many.0) - template;
    server.counts.learn(template);
    let verdict = match off.abs() {
        0..=2 => Verdict::Ok,
        off if off * 20 <= i64::from(many.0) => Verdict::Warning,
        _ => Verdict::Fault,
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
pub(super) async fn tokenizer(report: &mut Report<'_>, watch: &mut Watch<'_>) {
    const EXPECTED: &str = "the tokens of the configured tokenizer";
    let server = report.server;
    for text in TEXTS {
        let Some(theirs) = theirs(server, text, watch).await else {
            let got = "a server that does not show its tokens: `counts` has to do";
            report.add("tokenizer", Verdict::Ok, got, EXPECTED);
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
            report.add("tokenizer", Verdict::Fault, got, format!("{ours} others"));
            return;
        }
    }
    let got = match server.words.counting.ids("") {
        Some(_) => "the same tokens for three texts",
        None => "the same number of tokens for three texts",
    };
    report.add("tokenizer", Verdict::Ok, got, EXPECTED);
}

/// The server's tokens of `text`.
async fn theirs(server: &Server, text: &str, watch: &mut Watch<'_>) -> Option<Vec<u32>> {
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
pub(super) async fn prefix(report: &mut Report<'_>, watch: &mut Watch<'_>) {
    const EXPECTED: &str = "the prefix continued with `six`";
    let server = report.server;
    let way = match (server.endpoint.api, server.endpoint.prefix) {
        (Api::Completions, _) if opens_thinking(server) => Some(
            "it ends the prompt, behind the thinking that the template opens and that is closed",
        ),
        (Api::Completions, _) => Some("it ends the prompt"),
        (Api::Chat, PrefixStyle::User) => Some("it ends the user's message"),
        (Api::Chat, PrefixStyle::Continue) => None,
    };
    if let Some(way) = way {
        report.add("prefix", Verdict::Ok, way, "the answer prefix is sent");
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
        return report.add("prefix", Verdict::Fault, got, EXPECTED);
    }
    let honoured = honoured(server, &call(server, &prompt, 1), watch).await;
    let text = answer.text.trim().to_lowercase();
    let place = |word: &str| text.find(word);
    let again = place("one").is_some_and(|one| place("six").is_none_or(|six| one < six));
    let verdict = match honoured {
        _ if text.starts_with("six") => Verdict::Ok,
        Some(false) => Verdict::Fault,
        Some(true) if !again => Verdict::Ok,
        None if again => Verdict::Fault,
        _ => Verdict::Warning,
    };
    let got = format!("`{}`", short(&answer.text));
    report.add("prefix", verdict, got, EXPECTED);
}

/// Whether our own template of the model opens the thinking itself.
fn opens_thinking(server: &Server) -> bool {
    let template = server.words.template.as_ref();
    let around = template.map(|template| template.around_user());
    around.is_some_and(|(_, after)| left_open(after).is_some())
}

/// Whether the server leaves the turn open when told so: an answer that it ends, to begin another,
/// has more tokens around it. llama-server leaves it open in any case.
async fn honoured(server: &Server, open: &Call, watch: &mut Watch<'_>) -> Option<bool> {
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
pub(super) async fn truncation(report: &mut Report<'_>, cap: Option<u64>, watch: &mut Watch<'_>) {
    const EXPECTED: &str = "a prompt that is too long is refused";
    let server = report.server;
    let cap = cap.unwrap_or_else(|| u64::from(server.endpoint.context.get()));
    if cap > LONGEST {
        let got = format!("not tried, as {cap} tokens are many");
        return report.add("truncation", Verdict::Warning, got, EXPECTED);
    }
    let (prompt, ours) = long(server, cap + 64);
    // Within a stream some servers fail without a word.
    let call = call(server, &prompt, 1).unstreamed();
    let (verdict, got) = match attempt::ask(server, &call, watch).await {
        Err(fault) if fault.kind == FailureKind::Context => (Verdict::Ok, fault.message),
        Err(fault) if matches!(fault.status, Some(400 | 413 | 422)) => (Verdict::Ok, fault.message),
        Err(fault) => (Verdict::Warning, fault.message),
        Ok((answer, _)) => match answer.usage.map(|usage| usage.prompt) {
            Some(read) if u64::from(read.0) + 8 >= u64::from(ours.0) => {
                let got = format!("reads all {read} tokens of a prompt of {ours}");
                (Verdict::Ok, got)
            }
            Some(read) => {
                let got = format!("read {read} tokens of a prompt of {ours} and said nothing");
                (Verdict::Fault, got)
            }
            None => {
                let got = format!("answered a prompt of {ours} tokens without `usage`");
                (Verdict::Warning, got)
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
