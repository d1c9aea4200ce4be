//! RoPE scaling other than the model's own, as typed and as a run spec has it. Pure.

use std::collections::BTreeMap;

use fathom_kernels::model::rope::{RopeConfig, RopeError};
use fathom_shared::engine::{EngineKind, RopeParameters};
use serde_json::{Value as Json, json};

use super::{FieldErrors, RunField};
use crate::pages::display::sentence;

/// What the form says of positions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in super::super) struct RopeDraft {
    /// The name of a [`RopeKind`]; the model's own without.
    pub(in super::super) kind: String,
    /// Numbers of it, as typed, by their names.
    pub(in super::super) set: BTreeMap<String, String>,
}

/// A kind of positions that a form can hold. LongRoPE has a list of numbers for each pair of a
/// head's values and is ordered by program.
#[derive(Debug)]
pub(in super::super) struct RopeKind {
    /// Hugging Face's `rope_type`.
    pub(in super::super) name: &'static str,
    /// What it does.
    pub(in super::super) about: &'static str,
    /// What it is told.
    pub(in super::super) numbers: &'static [RopeNumber],
}

/// A number of a kind.
#[derive(Debug)]
pub(in super::super) struct RopeNumber {
    /// Hugging Face's name.
    pub(in super::super) name: &'static str,
    /// What the field is called.
    pub(in super::super) label: &'static str,
}

const FACTOR: RopeNumber = RopeNumber {
    name: "factor",
    label: "Factor (how many times longer)",
};
const WINDOW: RopeNumber = RopeNumber {
    name: "original_max_position_embeddings",
    label: "Original window, tokens (blank: the model's)",
};
const BASE: RopeNumber = RopeNumber {
    name: "rope_theta",
    label: "Base, theta (blank: the model's)",
};

/// Every kind there is a form for.
pub(in super::super) static KINDS: [RopeKind; 6] = [
    RopeKind {
        name: "default",
        about: "no scaling",
        numbers: &[BASE],
    },
    RopeKind {
        name: "linear",
        about: "position interpolation",
        numbers: &[FACTOR, BASE],
    },
    RopeKind {
        name: "ntk",
        about: "a larger base",
        numbers: &[FACTOR, BASE],
    },
    RopeKind {
        name: "dynamic",
        about: "a base that grows with the text",
        numbers: &[FACTOR, WINDOW, BASE],
    },
    RopeKind {
        name: "yarn",
        about: "scaling by wavelength",
        numbers: &[
            FACTOR,
            WINDOW,
            BASE,
            RopeNumber {
                name: "beta_fast",
                label: "Unscaled from this many rotations (blank: 32)",
            },
            RopeNumber {
                name: "beta_slow",
                label: "Fully scaled up to this many rotations (blank: 1)",
            },
            RopeNumber {
                name: "attention_factor",
                label: "Attention factor (blank: from the formula)",
            },
        ],
    },
    RopeKind {
        name: "llama3",
        about: "as in Llama 3.1",
        numbers: &[
            FACTOR,
            RopeNumber {
                name: "low_freq_factor",
                label: "Low frequency factor",
            },
            RopeNumber {
                name: "high_freq_factor",
                label: "High frequency factor",
            },
            WINDOW,
            BASE,
        ],
    },
];

impl RopeDraft {
    /// The kind that is chosen.
    pub(in super::super) fn kind(&self) -> Option<&'static RopeKind> {
        KINDS.iter().find(|kind| kind.name == self.kind)
    }

    /// Another kind; numbers that it does not have are dropped.
    pub(in super::super) fn choose(&mut self, kind: String) {
        self.kind = kind;
        let numbers = self.kind().map_or(&[][..], |kind| kind.numbers);
        self.set
            .retain(|name, _| numbers.iter().any(|number| number.name == name));
    }

    /// As a run spec has them: none where they are the model's own.
    ///
    /// # Errors
    /// A sentence for every field at fault.
    pub(super) fn parameters(
        &self,
        engine: &EngineKind,
    ) -> Result<Option<RopeParameters>, FieldErrors> {
        if self.kind.is_empty() {
            return Ok(None);
        }
        let whole = |message: String| vec![(RunField::Positions, message)];
        let Some(kind) = self.kind() else {
            let known = KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>();
            let got = &self.kind;
            let known = known.join(", ");
            return Err(whole(format!(
                "The RoPE scaling is `{got}`, expected {known}."
            )));
        };
        if !engine.takes_positions() {
            let message = format!("{engine} does not support RoPE scaling.");
            return Err(whole(message));
        }
        let mut faults = FieldErrors::new();
        let mut said = BTreeMap::from([("rope_type".to_owned(), json!(kind.name))]);
        for number in kind.numbers {
            let text = self.set.get(number.name).map_or("", |text| text.trim());
            match text.parse::<serde_json::Number>() {
                Ok(value) => drop(said.insert(number.name.to_owned(), value.into())),
                Err(_) if text.is_empty() => {}
                Err(_) => {
                    let message = format!("`{text}` is not a number, such as 4 or 0.5.");
                    faults.push((RunField::Number(number.name), message));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        match read(&said) {
            Ok(()) => Ok(Some(RopeParameters(said))),
            Err(error) => Err(vec![fault(kind, &error)]),
        }
    }
}

/// Has them read as the engine will; what is the model's to say is taken as said.
fn read(said: &BTreeMap<String, Json>) -> Result<(), RopeError> {
    /// Any model's will do: the number of a head's values matters to LongRoPE alone.
    const HEAD: usize = 64;
    let config = json!({ "rope_parameters": said, "max_position_embeddings": 1 });
    RopeConfig::from_config(&config, HEAD).map(|_| ())
}

fn fault(kind: &RopeKind, error: &RopeError) -> (RunField, String) {
    let key = match error {
        RopeError::Missing { key } | RopeError::Value { key, .. } | RopeError::Key { key } => {
            Some(key)
        }
        RopeError::Kind { .. }
        | RopeError::MetadataKind { .. }
        | RopeError::Both { .. }
        | RopeError::Layers { .. }
        | RopeError::Metadata { .. } => None,
    };
    let mut numbers = kind.numbers.iter();
    let number = key.and_then(|key| numbers.find(|number| number.name == key));
    let part = number.map_or(RunField::Positions, |number| RunField::Number(number.name));
    (part, sentence(&error.to_string()))
}
