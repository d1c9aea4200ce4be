//! An endpoint that can hold back its answers, so that a run pauses where a test needs it. Used by
//! the tests of two crates.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc, watch};

/// A text that is in every haystack's prompt but in none of the preflight requests.
const HAYSTACK: &str = "hidden within the following text";

/// What it holds back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing.
    Nothing,
    /// Answers to samples, until [`Endpoint::open`].
    Samples,
    /// All answers, until then.
    All,
    /// Each sample's answer, until the test provides it.
    EachSample,
}

/// A server with a model of its own name, on its own port.
pub(crate) struct Endpoint {
    pub(crate) id: &'static str,
    url: String,
    desk: Arc<Desk>,
    open: watch::Sender<bool>,
    replies: mpsc::UnboundedSender<Reply>,
}

type Reply = (u16, Json);

struct Desk {
    id: &'static str,
    holds: Holds,
    /// Longer prompts, in bytes, count as more than 4,096 tokens.
    longest: usize,
    opened: watch::Receiver<bool>,
    replies: Mutex<mpsc::UnboundedReceiver<Reply>>,
    /// Number of connections that sent a request.
    requests: AtomicUsize,
    /// Number of samples requested.
    samples: AtomicUsize,
    /// Number of connections closed before they had an answer.
    left: AtomicUsize,
}

impl Endpoint {
    /// Starts it; it refuses prompts of more than `longest` bytes.
    pub(crate) async fn start(id: &'static str, longest: usize, holds: Holds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (open, opened) = watch::channel(false);
        let (replies, waiting) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            id,
            holds,
            longest,
            opened,
            replies: Mutex::new(waiting),
            requests: AtomicUsize::default(),
            samples: AtomicUsize::default(),
            left: AtomicUsize::default(),
        });
        let serving = Arc::clone(&desk);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let desk = Arc::clone(&serving);
                tokio::spawn(async move { desk.serve(stream).await });
            }
        });
        Self {
            id,
            url,
            desk,
            open,
            replies,
        }
    }

    /// Its table in a configuration; prompts are counted by `tokenizer`, and `more` adds lines.
    pub(crate) fn table(&self, tokenizer: &str, more: &str) -> String {
        let Self { id, url, .. } = self;
        format!(
            "[[endpoint]]\nid = \"{id}\"\nbase_url = \"{url}\"\nmodel = \"{id}\"\n\
             tokenizer = \"{tokenizer}\"\ncontext = 4096\nretries = 0\n{more}\n"
        )
    }

    /// Writes a configuration with only this endpoint into `folder`.
    pub(crate) fn write_config(&self, folder: &Path, tokenizer: &str, more: &str) -> PathBuf {
        let file = folder.join("fathom.toml");
        std::fs::write(&file, self.table(tokenizer, more)).unwrap();
        file
    }

    /// Releases everything that was held back.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    /// Answers the waiting sample, or the next one.
    pub(crate) fn answer(&self, text: &str) {
        self.reply(200, said(text));
    }

    /// Refuses that sample.
    pub(crate) fn refuse(&self, why: &str) {
        self.reply(400, json!({ "error": { "message": why } }));
    }

    fn reply(&self, status: u16, body: Json) {
        self.replies.send((status, body)).unwrap();
    }

    /// How many connections sent a request.
    pub(crate) fn requests(&self) -> usize {
        self.desk.requests.load(Ordering::SeqCst)
    }

    /// How many samples were requested.
    pub(crate) fn asked(&self) -> usize {
        self.desk.samples.load(Ordering::SeqCst)
    }

    /// How many connections were closed before they had an answer.
    pub(crate) fn left(&self) -> usize {
        self.desk.left.load(Ordering::SeqCst)
    }
}

impl Desk {
    async fn serve(&self, mut stream: TcpStream) {
        let Some((path, body)) = read(&mut stream).await else {
            return;
        };
        self.requests.fetch_add(1, Ordering::SeqCst);
        let prompt = body["prompt"].as_str().unwrap_or_default();
        let sample = prompt.contains(HAYSTACK);
        if sample {
            self.samples.fetch_add(1, Ordering::SeqCst);
        }
        let (told, mut nothing) = (self.told(sample), [0]);
        let told = tokio::select! {
            biased;
            told = told => told,
            _gone = stream.read(&mut nothing) => {
                self.left.fetch_add(1, Ordering::SeqCst);
                return;
            }
        };
        let (status, body) = told.unwrap_or_else(|| match path.as_str() {
            "/v1/models" => (200, json!({ "data": [{ "id": self.id }] })),
            "/v1/completions" if prompt.len() > self.longest => {
                let why = "This model's maximum context length is 4096 tokens";
                (400, json!({ "error": { "message": why } }))
            }
            "/v1/completions" => (200, said("42")),
            _ => (404, json!({})),
        });
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        // A client that disconnected does not want it.
        let _sent = stream.write_all(&[head, body].concat().into_bytes()).await;
    }

    /// Waits while an answer is held back; returns the reply to this sample, if the test provides
    /// each one.
    async fn told(&self, sample: bool) -> Option<Reply> {
        match (self.holds, sample) {
            (Holds::EachSample, true) => {
                let mut replies = self.replies.lock().await;
                let told = replies.recv().await;
                // The sender is gone, so no reply will come.
                return match told {
                    Some(told) => Some(told),
                    None => std::future::pending().await,
                };
            }
            (Holds::All, _) | (Holds::Samples, true) => {
                let mut opened = self.opened.clone();
                // An error means that the sender is gone and it stays closed.
                let _open = opened.wait_for(|open| *open).await;
            }
            (Holds::Nothing | Holds::Samples | Holds::EachSample, _) => {}
        }
        None
    }
}

fn said(text: &str) -> Json {
    json!({ "choices": [{ "index": 0, "text": text, "finish_reason": "stop" }] })
}

/// The path of a request, and its body.
async fn read(stream: &mut TcpStream) -> Option<(String, Json)> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    let path = head.split_whitespace().nth(1)?.to_owned();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    while read.len() < end + length {
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
    let body = serde_json::from_slice(&read[end..]).unwrap_or_default();
    Some((path, body))
}
