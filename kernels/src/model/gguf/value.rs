//! A piece of metadata.

/// What stands under a key.
#[derive(Clone, PartialEq, Debug)]
pub enum GgufValue {
    /// Any unsigned or signed integer, or a truth value as 0 or 1.
    Int(i64),
    /// Either float.
    Float(f64),
    /// Text.
    Str(String),
    /// An array of integers.
    Ints(Vec<i64>),
    /// An array of floats.
    Floats(Vec<f64>),
    /// An array of texts.
    Strs(Vec<String>),
}

impl GgufValue {
    /// The number, whole or not.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// A whole number that is not negative; of a list with a number for each layer, the one that
    /// they all are.
    pub fn size(&self) -> Option<u64> {
        let number = match self {
            Self::Int(number) => number,
            Self::Ints(numbers) => {
                let first = numbers.first()?;
                Some(first).filter(|first| numbers.iter().all(|number| number == *first))?
            }
            _ => return None,
        };
        u64::try_from(*number).ok()
    }

    /// In words, for errors: `the whole number 3`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Int(number) => format!("the whole number {number}"),
            Self::Float(number) => number.to_string(),
            Self::Str(text) => {
                let start: String = text.chars().take(40).collect();
                format!("the text {start:?}")
            }
            Self::Ints(numbers) => format!("a list of {} whole numbers", numbers.len()),
            Self::Floats(numbers) => format!("a list of {} numbers", numbers.len()),
            Self::Strs(texts) => format!("a list of {} texts", texts.len()),
        }
    }
}
