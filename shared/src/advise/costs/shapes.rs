//! Shapes of known models, by name.

use std::sync::LazyLock;

use serde::Deserialize;

use super::model::{LocalAttention, ModelDimensions};
use crate::published::plain_name;

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownShape {
    pub name: String,
    /// Layers whose keys and values grow with the text.
    pub layers: u32,
    /// Query heads.
    pub heads: u32,
    #[serde(default)]
    pub kv_heads: u32,
    pub head_size: u32,
    /// Numbers per token and layer if keys and values are stored as one.
    pub latent: Option<u32>,
    #[serde(default)]
    pub local_layers: u32,
    #[serde(default)]
    pub local_window: u32,
    #[serde(default)]
    pub linear_layers: u32,
    /// Parameters active for each token.
    pub active: Option<f64>,
    /// The repository of its config.json.
    pub source: String,
}

#[derive(Default, Deserialize)]
struct ShapesFile {
    model: Vec<KnownShape>,
}

// A test holds that it can be read.
static SHAPES: LazyLock<ShapesFile> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../data/advise/shapes.toml")).unwrap_or_default()
});

/// Every row.
#[cfg(test)]
pub(in crate::advise) fn known_shapes() -> usize {
    SHAPES.model.len()
}

/// A name without its maker's folder; a later slash (`12B/52B`) separates sizes.
pub(in crate::advise) fn without_maker(name: &str) -> &str {
    let first = name.split(' ').next().unwrap_or(name);
    match first.rfind('/') {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// A name without its maker's prefix.
fn core(name: &str) -> String {
    let plain = plain_name(without_maker(name));
    match plain.strip_prefix("meta") {
        Some(rest) if rest.starts_with("llama") => rest.to_owned(),
        _ => plain,
    }
}

/// The row whose name is a prefix of the model's; the longest if there are several.
fn find(name: &str) -> Option<&'static KnownShape> {
    let wanted = core(name);
    let fits = |one: &&KnownShape| wanted.starts_with(&plain_name(&one.name));
    let fitting = SHAPES.model.iter().filter(fits);
    fitting.max_by_key(|one| plain_name(&one.name).len())
}

impl ModelDimensions {
    /// A model of a name and a size: with its own shape if it is known
    /// (`shared/data/advise/shapes.toml`), else with the usual one of [`of_size`](Self::of_size).
    /// `parameters` are the active ones, if these are known.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{advise::costs::ModelDimensions, tokens::Tokens};
    /// let model = ModelDimensions::of_known("Llama-3.1-70B-Instruct", 70e9);
    /// // 80 layers, 8 heads of 128 for keys and for values, 2 bytes each: 42.9 GB at 128K.
    /// assert_eq!(model.cache_bytes(Tokens(131_072)), 80.0 * 2.0 * 1024.0 * 2.0 * 131_072.0);
    /// ```
    pub fn of_known(name: &str, parameters: f64) -> Self {
        let usual = Self {
            name: name.to_owned(),
            ..Self::of_size(parameters)
        };
        let Some(shape) = find(name) else {
            return usual;
        };
        let local = LocalAttention {
            layers: shape.local_layers,
            window: shape.local_window,
        };
        let kv = shape.kv_heads * shape.head_size;
        Self {
            parameters: shape.active.map_or(parameters, |one| one.min(parameters)),
            layers: shape.layers,
            attention_width: shape.heads * shape.head_size,
            kv_width: Some(shape.latent.map_or(kv, |latent| latent / 2)),
            local: (local.layers > 0).then_some(local),
            linear_layers: shape.linear_layers,
            shape_by: format!("config.json of {}", shape.source),
            ..usual
        }
    }

    /// With all parameters, if there are more than the active ones.
    pub(in crate::advise) fn with_total(self, total: f64) -> Self {
        Self {
            total_parameters: (total > self.parameters).then_some(total),
            ..self
        }
    }
}
