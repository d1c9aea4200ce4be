//! The sizes of published models.

use super::{longbench, meant_name, ruler};
use crate::numbers::quantity;

/// Active parameters of mixtures of experts for which the tables have only the total: the beginning
/// of the model's name, the count, and the report that states it.
const MIXTURES: &str = include_str!("../../data/published/mixtures.csv");

/// Parameters of a model.
#[derive(Clone, PartialEq, Debug)]
pub struct ParameterCount {
    /// Parameters that are used for each token.
    pub active: f64,
    /// All parameters; equal to `active` for a dense model.
    pub total: f64,
    /// The source of the active count, if it is not the table; otherwise empty.
    pub source: &'static str,
}

impl ParameterCount {
    /// Parses a table's size column: `8B`, `3.8B`, `1T`, `94B/398B` (active and total). `None` if
    /// the column is empty.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::published::ParameterCount;
    /// assert_eq!(ParameterCount::of("Llama3.1", "8B").map(|size| size.active), Some(8e9));
    /// let jamba = ParameterCount::of("Jamba-1.5-large", "94B/398B").unwrap();
    /// assert_eq!((jamba.active, jamba.total), (94e9, 398e9));
    /// let mixture = ParameterCount::of("DeepSeek-R1", "671B").unwrap();
    /// assert_eq!((mixture.active, mixture.source), (37e9, "arXiv 2412.19437"));
    /// assert_eq!(ParameterCount::of("Gemini-1.5-pro", ""), None);
    /// ```
    pub fn of(model: &str, params: &str) -> Option<Self> {
        let (active, total) = params.split_once('/').unwrap_or((params, params));
        let (active, total) = (number(active)?, number(total)?);
        // If two name beginnings match, the longer one is the model: GLM-4.5-Air is not GLM-4.5.
        let named = MIXTURES.lines().skip(1).filter_map(|line| {
            let mut fields = line.split(',');
            let name = fields.next().filter(|name| model.starts_with(name))?;
            Some((name.len(), number(fields.next()?)?, fields.next()?))
        });
        let mixture = named.max_by_key(|(length, ..)| *length);
        Some(match mixture {
            Some((_, active, source)) => Self {
                active,
                total,
                source,
            },
            None => Self {
                active,
                total,
                source: "",
            },
        })
    }

    /// The size for a model's name: from the tables, else from the name itself.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::published::ParameterCount;
    /// assert_eq!(ParameterCount::of_name("Llama 3.1 70B").map(|size| size.total), Some(70e9));
    /// assert_eq!(ParameterCount::of_name("our-own-13b-chat").map(|size| size.total), Some(13e9));
    /// assert_eq!(ParameterCount::of_name("jamba 1.5 LARGE").map(|size| size.active), Some(94e9));
    /// assert_eq!(ParameterCount::of_name("70 B").map(|size| size.total), Some(70e9));
    /// assert_eq!(ParameterCount::of_name("our own"), None);
    /// ```
    pub fn of_name(name: &str) -> Option<Self> {
        if let Some(size) = Self::of_tables(name) {
            return Some(size);
        }
        let parts = name.split(|one: char| !one.is_ascii_alphanumeric() && one != '.');
        let mut sizes = parts.filter_map(|part| number(&part.to_ascii_uppercase()));
        let total = sizes
            .next()
            .or_else(|| quantity(name))
            .filter(|size| *size > 0.0)?;
        Some(Self {
            active: total,
            total,
            source: "",
        })
    }

    /// A short form for tables: `8B`, `3B of 80B` (active and total), `1T`.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::published::ParameterCount;
    /// let told = |params| ParameterCount::of("a model", params).map(|size| size.short());
    /// assert_eq!(told("3.8B").as_deref(), Some("3.8B"));
    /// assert_eq!(told("32B/1T").as_deref(), Some("32B of 1T"));
    /// ```
    pub fn short(&self) -> String {
        let told = |number: f64| match number {
            large if large >= 1e12 => format!("{}T", large / 1e12),
            small => format!("{}B", small / 1e9),
        };
        match self.active < self.total {
            true => format!("{} of {}", told(self.active), told(self.total)),
            false => told(self.total),
        }
    }

    /// The size in the tables, if the name means exactly one model.
    fn of_tables(name: &str) -> Option<Self> {
        let ours = ruler::board().into_iter();
        let ours = ours.map(|line| (line.name(), line.model, line.params));
        let theirs = longbench::board().into_iter();
        let theirs = theirs.map(|line| (line.model.to_owned(), line.model, line.params));
        [ours.collect::<Vec<_>>(), theirs.collect()]
            .iter()
            .find_map(|table| {
                let names: Vec<&str> = table.iter().map(|line| line.0.as_str()).collect();
                let meant = meant_name(name, &names)?;
                let (_, model, params) = table.iter().find(|line| line.0 == meant)?;
                Self::of(model, params)
            })
    }

    /// In words: `8B parameters`, `94B active parameters of 398B`.
    pub fn says(&self) -> String {
        let told = |number: f64| format!("{}B", number / 1e9);
        match self.active < self.total {
            true => format!(
                "{} active parameters of {}",
                told(self.active),
                told(self.total)
            ),
            false => format!("{} parameters", told(self.total)),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    let (number, unit) = match (text.strip_suffix('B'), text.strip_suffix('T')) {
        (Some(number), _) => (number, 1e9),
        (_, Some(number)) => (number, 1e12),
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    (number > 0.0).then_some(number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_of_both_tables_is_read() {
        let ours = ruler::board().into_iter();
        let ours = ours.map(|line| (line.model, line.params));
        let theirs = longbench::board().into_iter();
        let theirs = theirs.map(|line| (line.model, line.params));
        for (model, params) in ours.chain(theirs) {
            let size = ParameterCount::of(model, params);
            assert_eq!(size.is_some(), !params.is_empty(), "{model} {params}");
            assert!(
                size.is_none_or(|size| size.active <= size.total && size.active > 1e9),
                "{model}"
            );
        }
    }

    #[test]
    fn a_mixture_s_active_parameters_are_its_own() {
        let active = |model, params| ParameterCount::of(model, params).map(|size| size.active);
        assert_eq!(active("GLM-4.5", "355B"), Some(32e9));
        assert_eq!(active("GLM-4.5-Air", "106B"), Some(12e9));
        assert_eq!(active("Qwen3-235B-A22B-Thinking-2507", "235B"), Some(22e9));
        assert_eq!(active("Kimi-K2-Instruct", "1T"), Some(32e9));
        assert_eq!(active("Qwen3-32B", "32B"), Some(32e9));
        assert_eq!(ParameterCount::of("x", "many"), None);
        let size = ParameterCount::of("Jamba-1.5-large", "94B/398B");
        assert_eq!(
            size.map(|size| size.says()).as_deref(),
            Some("94B active parameters of 398B")
        );
    }

    #[test]
    fn every_mixture_stands_in_a_table() {
        let board = longbench::board();
        for line in MIXTURES.lines().skip(1) {
            let name = line.split(',').next().unwrap();
            assert!(
                board.iter().any(|line| line.model.starts_with(name)),
                "{name}"
            );
        }
    }
}
