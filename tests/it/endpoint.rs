//! An endpoint that answers when it is told to, so that a run stands still where a test wants it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};

use crate::server::MODEL;

/// The endpoint's id, and the name of its model.
pub(crate) const ID: &str = "told";

/// What stands in every haystack's prompt and in none of the checks before a run.
const HAYSTACK: &str = "hidden within the following text";
/// The prompts of that many bytes are longer than its 4,096 tokens.
const LONGEST: usize = 12_000;

type Reply = (u16, Json);

/// The endpoint, on a port of its own.
pub(crate) struct Endpoint {
    config: PathBuf,
    replies: mpsc::UnboundedSender<Reply>,
    asked: Arc<AtomicUsize>,
}

struct Desk {
    replies: Mutex<mpsc::UnboundedReceiver<Reply>>,
    asked: Arc<AtomicUsize>,
}

impl Endpoint {
    /// Starts it, and writes a configuration that names it into `folder`.
    pub(crate) async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let config = folder.join("fathom.toml");
        let text = format!(
            "[[endpoint]]\nid = \"{ID}\"\nbase_url = \"{url}\"\nmodel = \"{ID}\"\n\
             tokenizer = \"{MODEL}\"\ncontext = 4096\nmax_in_flight = 1\nretries = 0\n\
             price = {{ input = 1.0, output = 1.0, currency = \"EUR\" }}\n"
        );
        std::fs::write(&config, text).unwrap();
        let (replies, waiting) = mpsc::unbounded_channel();
        let asked = Arc::<AtomicUsize>::default();
        let desk = Arc::new(Desk {
            replies: Mutex::new(waiting),
            asked: Arc::clone(&asked),
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move { desk.serve(stream).await });
            }
        });
        Self {
            config,
            replies,
            asked,
        }
    }

    /// The configuration that names it.
    pub(crate) fn config(&self) -> &Path {
        &self.config
    }

    /// Answers the sample that waits, or the next one.
    pub(crate) fn answer(&self, text: &str) {
        self.reply(200, said(text));
    }

    /// Refuses it.
    pub(crate) fn refuse(&self, why: &str) {
        self.reply(400, json!({ "error": { "message": why } }));
    }

    fn reply(&self, status: u16, body: Json) {
        self.replies.send((status, body)).unwrap();
    }

    /// How many samples it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Desk {
    async fn serve(&self, mut stream: TcpStream) {
        let Some((path, body)) = read(&mut stream).await else {
            return;
        };
        let prompt = body["prompt"].as_str().unwrap_or_default();
        let (status, body) = match path.as_str() {
            "/v1/models" => (200, json!({ "data": [{ "id": ID }] })),
            "/v1/completions" if prompt.contains(HAYSTACK) => {
                self.asked.fetch_add(1, Ordering::SeqCst);
                let mut replies = self.replies.lock().await;
                let mut nothing = [0];
                tokio::select! {
                    reply = replies.recv() => match reply {
                        Some(reply) => reply,
                        None => return,
                    },
                    // Who asked waits no longer: the reply is for the next one.
                    _gone = stream.read(&mut nothing) => return,
                }
            }
            "/v1/completions" if prompt.len() > LONGEST => {
                let why = "This model's maximum context length is 4096 tokens";
                (400, json!({ "error": { "message": why } }))
            }
            "/v1/completions" => (200, said("42")),
            _ => (404, json!({})),
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        // Who hangs up does not want it.
        let _sent = stream.write_all(&[head, body].concat().into_bytes()).await;
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
