//! A file of questions as large as LongBench v2's dataset, and what a server does with it. `cargo
//! xtask bench longbench` builds and runs this.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use fathom_backend::http_client;
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{QuestionSet, QuestionView};
use fathom_shared::longbench::viewer::{OutlinePart, SearchMatches, TextWindow};
use fathom_shared::longbench::{ChoiceLetter, Difficulty, LengthClass, LongBenchQuestion, bm25};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Rows and bytes of the dataset's data.json.
const ROWS: usize = 503;
const BYTES: f64 = 465_490_535.0;
/// Words of the shortest text, of the one in the middle, and of the longest.
const WORDS: [f64; 3] = [8_000.0, 54_000.0, 2_000_000.0];
/// Turns the order of sizes into another: it has no factor in common with the number of rows.
const STRIDE: usize = 197;
/// A word that hardly a line has.
const RARE: &str = "meridian";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", file] => make(Path::new(file)),
        ["ask", fathom, file] => ask(fathom, Path::new(file)).await,
        _ => anyhow::bail!("usage: longbench make FILE | longbench ask FATHOM-BINARY FILE"),
    }
}

#[expect(clippy::print_stdout, reason = "this program talks to a terminal")]
fn say(line: &str) {
    println!("{line}");
}

/// Writes the file, and says how the lengths are spread.
fn make(path: &Path) -> Result<()> {
    // What a word comes to in the file, with its escapes.
    let probe = serde_json::to_string(&text(200_000, 1))?.len() as f64 / 200_000.0;
    let total = |bend: f64| (0..ROWS).map(|rank| words(rank, bend) * probe).sum::<f64>();
    // A larger bend makes long texts rarer, and so the file smaller.
    let (mut low, mut high) = (0.1, 20.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        match total(middle) > BYTES {
            true => low = middle,
            false => high = middle,
        }
    }
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(b"[")?;
    for number in 0..ROWS {
        let row = question(number, words(number * STRIDE % ROWS, low) as usize);
        out.write_all(if number > 0 { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut out, &row.row())?;
    }
    out.write_all(b"\n]\n")?;
    out.flush()?;
    let bytes = std::fs::metadata(path)?.len();
    say(&format!(
        "{ROWS} rows, {:.1} MB, {probe:.2} bytes a word; ordered by length, the logarithm of the \
         words grows evenly from {} to {} over the first half and by the power {low:.2} of the \
         rank to {} over the second",
        bytes as f64 / 1e6,
        WORDS[0],
        WORDS[1],
        WORDS[2]
    ));
    Ok(())
}

/// Words of the text of this rank.
fn words(rank: usize, bend: f64) -> f64 {
    let at = rank as f64 / (ROWS - 1) as f64 * 2.0 - 1.0;
    let [least, median, most] = WORDS;
    match at < 0.0 {
        true => median * (least / median).powf(-at),
        false => median * (most / median).powf(at.powf(bend)),
    }
}

fn question(number: usize, words: usize) -> LongBenchQuestion {
    LongBenchQuestion {
        id: format!("{number:024x}"),
        domain: "Long Structured Data Understanding".to_owned(),
        sub_domain: "Written by a program".to_owned(),
        difficulty: Difficulty::ALL[number % 2],
        length: LengthClass::of_words(words),
        question: format!("Where was the {RARE} of text {number} drawn?"),
        choices: ["Vell", "Orm", "Tarn", "Isk"].map(str::to_owned),
        answer: ChoiceLetter::ALL[number % 4],
        context: text(words, number as u64 + 1),
        evidence: Vec::new(),
    }
}

/// Words of some thousand kinds in sentences, lines and parts; some have an accent, some are
/// quoted.
fn text(words: usize, seed: u64) -> String {
    const SOUNDS: [&str; 16] = [
        "ka", "lo", "mi", "ren", "tas", "vel", "or", "ne", "du", "si", "har", "en", "po", "li",
        "té", "gra",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    let mut text = String::with_capacity(words * 7);
    for word in 0..words {
        if word % 2_000 == 0 {
            text.push_str("\n# Part ");
            text.push_str(&(word / 2_000 + 1).to_string());
            text.push('\n');
            continue;
        }
        if word % 50_000 == 777 {
            text.push_str(RARE);
        } else {
            let quoted = next(80) == 0;
            text.push_str(if quoted { "\"" } else { "" });
            for _ in 0..1 + next(3) {
                text.push_str(SOUNDS[next(SOUNDS.len())]);
            }
            text.push_str(if quoted { "\"" } else { "" });
        }
        text.push_str(match next(60) {
            0..=3 => ". ",
            4 => ".\n",
            _ => " ",
        });
    }
    text
}

/// Ends the server with its owner.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Server {
    /// Starts it on the file; its address, and the seconds that took.
    async fn start(fathom: &str, file: &Path, home: &Path) -> Result<(Self, String, f64)> {
        let began = Instant::now();
        let mut child = Command::new(fathom)
            .args(["serve", "--addr", "127.0.0.1:0", "--no-worker", "--models"])
            .arg(home)
            .arg("--database")
            .arg(home.join("fathom.db"))
            .arg("--data")
            .arg(home)
            .arg("--questions")
            .arg(file)
            .env("FATHOM_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{fathom}`"))?;
        let out = child.stdout.take().context("no output")?;
        let server = Self(child);
        let mut out = BufReader::new(tokio::process::ChildStdout::from_std(out)?);
        let mut line = String::new();
        out.read_line(&mut line).await?;
        let url = line.split_whitespace().last().unwrap_or_default();
        ensure!(url.starts_with("http://"), "the server said {line:?}");
        Ok((server, url.to_owned(), began.elapsed().as_secs_f64()))
    }

    /// The most memory that it held, in megabytes, where the system says.
    fn peak_mb(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kb: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kb / 1000.0)
    }
}

async fn get<T: DeserializeOwned>(client: &reqwest::Client, url: String) -> Result<(T, f64)> {
    let began = Instant::now();
    let body = client.get(&url).send().await?.error_for_status()?;
    let body = body.bytes().await?;
    let ms = began.elapsed().as_secs_f64() * 1000.0;
    Ok((serde_json::from_slice(&body)?, ms))
}

async fn ask(fathom: &str, file: &Path) -> Result<()> {
    let home = tempfile::tempdir()?;
    let (first, _, indexed_s) = Server::start(fathom, file, home.path()).await?;
    row("server, first start, which indexes", indexed_s, "s", 10.0);
    drop(first);
    let (server, url, again_s) = Server::start(fathom, file, home.path()).await?;
    row("server, next start", again_s * 1000.0, "ms", f64::INFINITY);
    let client = http_client::builder().build()?;
    let (set, ms) = get::<QuestionSet>(&client, format!("{url}{}", paths::QUESTIONS)).await?;
    row("the set without its texts", ms, "ms", f64::INFINITY);
    let largest = set.cards.iter().max_by_key(|card| card.words);
    let card = largest.context("the set is empty")?;
    let at = |path: &str| format!("{url}{}", with_id(path, card.number));
    let window = |byte: u32| {
        format!(
            "{}?columns=100&lines=60&byte={byte}",
            at(paths::QUESTION_WINDOW)
        )
    };
    say(&format!(
        "the longest text: question {}, {} words, {} bytes",
        card.number, card.words, card.bytes
    ));
    let (_, ms) = get::<TextWindow>(&client, window(0)).await?;
    row("its first window", ms, "ms", 100.0);
    let (_, ms) = get::<TextWindow>(&client, window(card.bytes / 2)).await?;
    row("its middle", ms, "ms", 100.0);
    let find = format!("{}?q={RARE}", at(paths::QUESTION_FIND));
    let (found, ms) = get::<SearchMatches>(&client, find).await?;
    ensure!(found.total > 10, "`{RARE}` was found {} times", found.total);
    row("a rare word in it", ms, "ms", f64::INFINITY);
    let find = format!("{}?q=e", at(paths::QUESTION_FIND));
    let (found, ms) = get::<SearchMatches>(&client, find).await?;
    row(
        &format!("`e`, {} times", found.total),
        ms,
        "ms",
        f64::INFINITY,
    );
    let (parts, ms) = get::<Vec<OutlinePart>>(&client, at(paths::QUESTION_OUTLINE)).await?;
    row(
        &format!("its outline, {} parts", parts.len()),
        ms,
        "ms",
        f64::INFINITY,
    );
    let (view, _) = get::<QuestionView>(&client, at(paths::QUESTION)).await?;
    let (whole, ms) = get::<serde_json::Value>(&client, at(paths::QUESTION_ROW)).await?;
    row("its row with the text", ms, "ms", f64::INFINITY);
    if let Some(mb) = server.peak_mb() {
        row("the server's memory at most", mb, "MB", f64::INFINITY);
    }
    let text = whole["context"].as_str().context("no text in the row")?;
    let began = Instant::now();
    let pieces = bm25::best(text, &view.card.question, 8);
    let seconds = began.elapsed().as_secs_f64();
    ensure!(pieces.len() == 8, "{} pieces", pieces.len());
    row("BM25, its best 8 pieces", seconds, "s", 1.0);
    Ok(())
}

/// A line of the table, with what is aimed at where something is.
fn row(what: &str, figure: f64, unit: &str, aim: f64) {
    let aim = match aim.is_finite() {
        true if figure < aim => format!("below the aim of {aim} {unit}"),
        true => format!("ABOVE the aim of {aim} {unit}"),
        false => String::new(),
    };
    say(&format!("  {what:<38} {figure:>9.2} {unit:<3} {aim}"));
}
