//! What damaged files do: a sentence or a model, in bounded time and memory.

use std::io::Cursor;
use std::time::{Duration, Instant};

use super::config::ModelConfig;
use super::gguf::{Gguf, GgufValue};
use super::testing::{TestRng, gguf, more, rounds, tiny, tiny_beside, tries};
use super::tokenizer::Tokenizer;

#[test]
fn damaged_headers_end_in_a_sentence_or_a_model() {
    let whole = tiny(&[]);
    let header = Gguf::header(&whole).unwrap().header_size();
    let begun = Instant::now();
    let (mut draw, mut models) = (TestRng(5), 0);
    for () in rounds(500, 20_000) {
        let mut file = draw.damage(&whole[..header as usize]);
        file.extend(&whole[header as usize..]);
        let Ok(read) = Gguf::read(&mut Cursor::new(&file)) else {
            continue;
        };
        let config = ModelConfig::from_gguf(&read);
        let tokenizer = Tokenizer::from_gguf(&read);
        if let Ok(tokenizer) = &tokenizer {
            let ids = tokenizer.encode("The special magic number is 1234567.");
            tokenizer.decode(&ids);
        }
        if let (Ok(config), Ok(_)) = (config, tokenizer) {
            models += 1;
            let mut file = Cursor::new(&file);
            for (name, _) in config.tensors() {
                read.tensor(&mut file, &name).unwrap();
            }
        }
    }
    assert!(models > 0, "no damage is harmless");
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(tries(60, 600) as u64) + more(),
        "{took:?}"
    );
}

#[test]
fn damaged_tokenizers_end_in_a_sentence_or_tokens() {
    let metadata = Gguf::header(&tiny(&[])).unwrap();
    let whole = Tokenizer::from_gguf(&metadata).unwrap().to_json().unwrap();
    let mut draw = TestRng(6);
    for () in rounds(300, 5_000) {
        if let Ok(tokenizer) = Tokenizer::from_json(&draw.damage(whole.as_bytes())) {
            let ids = tokenizer.encode("The special magic number is 1234567.");
            tokenizer.decode(&ids);
            tokenizer.count("th th");
        }
    }
}

/// The same in a process of its own for each, whose memory is bounded; on for a share of
/// `FATHOM_FUZZ_SECONDS` where that is said.
#[test]
#[cfg(target_os = "linux")]
fn bounded() {
    use std::process::{Command, Stdio};
    // Address space in KiB: what the test binary itself maps, and a small multiple of a file.
    const MEMORY: u32 = 2 << 20;
    let said = std::env::var("FATHOM_FUZZ_SECONDS").ok();
    let seconds: u64 = said.and_then(|said| said.parse().ok()).unwrap_or(0);
    let targets = [
        "damaged_headers_end_in_a_sentence_or_a_model",
        "damaged_tokenizers_end_in_a_sentence_or_tokens",
    ];
    for target in targets {
        let seconds = seconds / targets.len() as u64;
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"")])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", &format!("model::hostile::{target}")])
            .args(["--nocapture", "--test-threads", "1"])
            .env("FATHOM_FUZZ_TARGET_SECONDS", seconds.to_string())
            .env("MALLOC_ARENA_MAX", "2")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(seconds + 600);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                child.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(
            status.success(),
            "{target}: {status}; its last words are above"
        );
    }
}

fn config(change: &[(&str, GgufValue)]) -> Result<ModelConfig, String> {
    let file = tiny(change);
    let read = Gguf::read(&mut Cursor::new(&file)).unwrap();
    ModelConfig::from_gguf(&read).map_err(|error| error.to_string())
}

#[test]
fn claims_of_a_gguf_file_are_held_against_what_it_holds() {
    assert!(config(&[]).is_ok());
    for (epsilon, shown) in [
        (f64::NAN, "NaN"),
        (0.0, "0"),
        (-1e-5, "-0.00001"),
        (f64::INFINITY, "inf"),
    ] {
        let key = "llama.attention.layer_norm_rms_epsilon";
        let error = config(&[(key, GgufValue::Float(epsilon))]).unwrap_err();
        assert_eq!(
            error,
            format!("`{key}` is {shown}, expected a number above 0")
        );
    }
    let blocks = config(&[("llama.block_count", GgufValue::Int(1 << 24))]).unwrap_err();
    assert_eq!(
        blocks,
        "the model has no tensor `blk.16777215.attn_norm.weight`"
    );
    // A block more than the file says would be left out.
    let file = tiny_beside(&[], &[("blk.1.attn_norm.weight", &[8])]);
    let read = Gguf::read(&mut Cursor::new(&file)).unwrap();
    assert_eq!(
        ModelConfig::from_gguf(&read).unwrap_err().to_string(),
        "`llama.block_count` is 1, expected as many as the file has blocks"
    );
    let part = [
        ("split.count", GgufValue::Int(3)),
        ("split.no", GgufValue::Int(1)),
    ];
    let error = config(&part).unwrap_err();
    assert!(
        error.starts_with("the file is part 2 of 3 of a model"),
        "{error}"
    );
}

#[test]
fn blocks_that_are_claimed_are_not_listed() {
    // One tensor of the last block, as a file in the wild had it.
    let metadata = [
        ("general.architecture", GgufValue::Str("llama".to_owned())),
        ("llama.block_count", GgufValue::Int(1 << 24)),
        ("llama.context_length", GgufValue::Int(64)),
        ("llama.embedding_length", GgufValue::Int(8)),
        ("llama.feed_forward_length", GgufValue::Int(16)),
        ("llama.attention.head_count", GgufValue::Int(2)),
        (
            "llama.attention.layer_norm_rms_epsilon",
            GgufValue::Float(1e-5),
        ),
    ];
    let tensors = [
        ("token_embd.weight".to_owned(), vec![8, 4]),
        ("blk.16777215.attn_norm.weight".to_owned(), vec![8]),
    ];
    let file = gguf(&metadata, &tensors);
    let begun = Instant::now();
    let read = Gguf::read(&mut Cursor::new(&file)).unwrap();
    let error = ModelConfig::from_gguf(&read).unwrap_err().to_string();
    assert_eq!(error, "the model has no tensor `blk.0.attn_norm.weight`");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_tensor_stands_once() {
    let twice = ["w", "w"].map(|name| (name.to_owned(), vec![8]));
    let error = Gguf::header(&gguf(&[], &twice)).unwrap_err().to_string();
    assert_eq!(
        error,
        "the GGUF file is damaged: tensor `w` is listed twice"
    );
}
