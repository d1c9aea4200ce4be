//! Numbers as people write them: tokens (`131072`, `"131,072"`, `"128K"`, `"1M"`), hours and money
//! (`20000`, `"20K"`).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::numbers::quantity;
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
        let read = match self {
            Self::Number(tokens) => Ok(Tokens(tokens)),
            Self::Text(text) => window(&text).ok_or_else(|| {
                E::custom(format!(
                    "got `{text}`, expected a number of tokens: 131072, \"128K\" or \"1M\""
                ))
            }),
        }?;
        match read.0 {
            few @ 1..FEWEST => Err(E::custom(format!(
                "got {few} tokens, fewer than any model reads; write `{few}K` for {:#}",
                Tokens(few * 1_024)
            ))),
            _ => Ok(read),
        }
    }
}

/// Fewer tokens than this are thousands without their unit.
const FEWEST: u32 = 129;

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

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberText {
    Number(f64),
    Text(String),
}

/// A number, alone or with its unit.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let expected = "expected a number: 20000, \"20,000\" or \"20K\"";
    let written = Option::<NumberText>::deserialize(from);
    match written.map_err(|_| D::Error::custom(expected))? {
        None => Ok(None),
        Some(NumberText::Number(number)) => Ok(Some(number)),
        Some(NumberText::Text(text)) => quantity(&text)
            .map(Some)
            .ok_or_else(|| D::Error::custom(format!("got `{text}`, {expected}"))),
    }
}
