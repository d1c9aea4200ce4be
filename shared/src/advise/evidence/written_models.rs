//! Parses a model's shape as people write it: a name, a size, a table.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::builders::UnknownPublishedModel;
use crate::advise::costs::{LocalAttention, ModelDimensions};
use crate::published::ParameterCount;

/// A model's shape; any field but the size defaults to what is usual for that size.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelTable {
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "super::written_numbers::number")]
    parameters: Option<f64>,
    layers: Option<u32>,
    attention_width: Option<u32>,
    #[serde(default, deserialize_with = "super::written_numbers::number")]
    total_parameters: Option<f64>,
    kv_width: Option<u32>,
    local: Option<LocalAttention>,
    linear_layers: Option<u32>,
    #[serde(default)]
    shape_by: String,
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = Option<ModelDimensions>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a name with its size (\"Llama 3.1 70B\", \"70B\"), a published model's name, or a table {{ parameters = 8e9, layers = 32, attention_width = 4096 }}"
        )
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Option<ModelDimensions>, E> {
        let model = ParameterCount::of_name(name)
            .map(|size| ModelDimensions::of_known(name, size.active).with_total(size.total));
        let known = model.map(Some);
        known.ok_or_else(|| {
            let like = UnknownPublishedModel::of(name).like;
            match like.is_empty() {
                true => E::invalid_value(serde::de::Unexpected::Str(name), &self),
                false => E::custom(format!(
                    "got `{name}`, expected a name with its size (\"Llama 3.1 70B\"), or one published model: {}",
                    like.join(", ")
                )),
            }
        })
    }

    fn visit_f64<E: serde::de::Error>(self, size: f64) -> Result<Option<ModelDimensions>, E> {
        Ok(Some(ModelDimensions::of_size(size)))
    }

    fn visit_i64<E: serde::de::Error>(self, size: i64) -> Result<Option<ModelDimensions>, E> {
        self.visit_f64(size as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, size: u64) -> Result<Option<ModelDimensions>, E> {
        self.visit_f64(size as f64)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Option<ModelDimensions>, A::Error> {
        let ModelTable {
            name,
            parameters,
            layers,
            attention_width,
            total_parameters,
            kv_width,
            local,
            linear_layers,
            shape_by,
        } = ModelTable::deserialize(MapAccessDeserializer::new(table))?;
        let parameters = parameters.ok_or_else(|| A::Error::missing_field("parameters"))?;
        let usual = ModelDimensions::of_known(&name, parameters);
        Ok(Some(ModelDimensions {
            layers: layers.unwrap_or(usual.layers),
            attention_width: attention_width.unwrap_or(usual.attention_width),
            total_parameters,
            kv_width: kv_width.or(usual.kv_width),
            local: local.or(usual.local),
            linear_layers: linear_layers.unwrap_or(usual.linear_layers),
            shape_by: if shape_by.is_empty() {
                usual.shape_by.clone()
            } else {
                shape_by
            },
            ..usual
        }))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Option<ModelDimensions>, E> {
        Ok(None)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Option<ModelDimensions>, E> {
        Ok(None)
    }
}

pub(super) fn model<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<ModelDimensions>, D::Error> {
    from.deserialize_any(ModelVisitor)
}

#[cfg(test)]
mod tests {
    use crate::advise::costs::ModelDimensions;
    use crate::advise::evidence::Evidence;

    #[test]
    fn a_shape_that_was_written_is_read_again() {
        let known = ModelDimensions::of_known("Gemma 3 27B", 27e9).with_total(28e9);
        assert!(known.local.is_some() && !known.shape_by.is_empty());
        let linear = ModelDimensions::of_known("Kimi Linear 48B", 48e9);
        assert!(linear.linear_layers > 0);
        for model in [known, linear, ModelDimensions::of_size(8e9)] {
            let evidence = Evidence {
                model: Some(model),
                ..Evidence::default()
            };
            let json = serde_json::to_string(&evidence).unwrap();
            let read: Evidence = serde_json::from_str(&json).unwrap();
            assert_eq!(read, evidence, "{json}");
        }
    }
}
