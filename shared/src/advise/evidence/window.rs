//! Numbers of tokens as people write them: `131072`, `"131,072"`, `"128K"`, `"1M"`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::published::ruler::window;
use crate::tokens::Tokens;

#[derive(Deserialize)]
#[serde(untagged)]
enum WindowText {
    Number(u32),
    Text(String),
}

impl WindowText {
    fn read<E: serde::de::Error>(self) -> Result<Tokens, E> {
        match self {
            Self::Number(tokens) => Ok(Tokens(tokens)),
            Self::Text(text) => window(&text.replace(',', "")).ok_or_else(|| {
                E::custom(format!(
                    "got `{text}`, expected a number of tokens: 131072, \"128K\" or \"1M\""
                ))
            }),
        }
    }
}

fn written<'de, D: Deserializer<'de>>(from: D) -> Result<WindowText, D::Error> {
    let expected = "expected a number of tokens: 131072, \"128K\" or \"1M\"";
    WindowText::deserialize(from).map_err(|_| D::Error::custom(expected))
}

pub(super) fn tokens<'de, D: Deserializer<'de>>(from: D) -> Result<Tokens, D::Error> {
    written(from)?.read()
}

pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tokens>, D::Error> {
    tokens(from).map(Some)
}

pub(super) fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Tokens>, D::Error> {
    let all = Vec::<WindowText>::deserialize(from)?;
    all.into_iter().map(WindowText::read).collect()
}
