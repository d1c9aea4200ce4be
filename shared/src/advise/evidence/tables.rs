//! Tables of figures as people write them: a table a figure, or a table a length with its categories.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::words::Word;
use super::{Figure, FixFigure, FixMethod, LongBenchFigure, Reading, RulerFigure};
use crate::advise::costs::Model;
use crate::longbench::LengthClass;
use crate::published::Size;
use crate::task::Category;
use crate::tokens::Tokens;

/// A figure: a number alone, or a table with n and interval.
struct Share(Figure);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    value: f64,
    n: Option<u32>,
    low: Option<f64>,
    high: Option<f64>,
}

struct ShareVisitor;

impl<'de> Visitor<'de> for ShareVisitor {
    type Value = Share;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a percentage such as 62.0, or a table {{ value = 62.0, n = 500 }}"
        )
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Share, E> {
        let alone = Figure {
            value,
            n: None,
            low: None,
            high: None,
        };
        Ok(Share(alone))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Share, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Share, E> {
        self.visit_f64(value as f64)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Share, A::Error> {
        let Whole {
            value,
            n,
            low,
            high,
        } = Whole::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Share(Figure {
            value,
            n,
            low,
            high,
        }))
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ShareVisitor)
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Share::deserialize(from).map(|share| share.0)
    }
}

/// One table, or a list of them.
struct Many<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Many<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a table, or a list of tables")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<T>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Vec<T>, A::Error> {
        Ok(vec![T::deserialize(MapAccessDeserializer::new(table))?])
    }
}

fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Category>, D::Error> {
    Category::read(from).map(Some)
}

/// RULER at one length: `value` of one category, or each category by its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AtLength {
    method: Option<FixMethod>,
    #[serde(default, deserialize_with = "word")]
    category: Option<Category>,
    #[serde(deserialize_with = "super::window::tokens")]
    length: Tokens,
    value: Option<f64>,
    n: Option<u32>,
    low: Option<f64>,
    high: Option<f64>,
    mean: Option<Share>,
    single_needle: Option<Share>,
    multi_needle: Option<Share>,
    multi_hop: Option<Share>,
    aggregation: Option<Share>,
    question_answering: Option<Share>,
}

impl AtLength {
    /// Its figures, each with its category; nothing for the mean.
    fn figures<E: serde::de::Error>(self) -> Result<Vec<(Option<Category>, Figure)>, E> {
        let (n, mut all) = (self.n, Vec::new());
        if let Some(value) = self.value {
            let (low, high) = (self.low, self.high);
            all.push((
                self.category,
                Figure {
                    value,
                    n,
                    low,
                    high,
                },
            ));
        }
        let named = [
            (None, self.mean),
            (Some(Category::SingleNeedle), self.single_needle),
            (Some(Category::MultiNeedle), self.multi_needle),
            (Some(Category::MultiHop), self.multi_hop),
            (Some(Category::Aggregation), self.aggregation),
            (Some(Category::QuestionAnswering), self.question_answering),
        ];
        for (category, share) in named {
            if let Some(Share(figure)) = share {
                let n = figure.n.or(n);
                all.push((category, Figure { n, ..figure }));
            }
        }
        match all.is_empty() {
            true => Err(E::custom(format!(
                "RULER at {:#}: got no figure, expected `value = 62.0`, or categories by name such as `multi_hop = 62.0`",
                self.length
            ))),
            false => Ok(all),
        }
    }
}

pub(super) fn ruler<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<RulerFigure>, D::Error> {
    let mut all = Vec::new();
    for table in from.deserialize_any(Many::<AtLength>(PhantomData))? {
        if table.method.is_some() {
            return Err(D::Error::custom(
                "ruler: got `method`; figures with a position fix stand under `[[position_fix]]`",
            ));
        }
        let length = table.length;
        let figures = table.figures::<D::Error>()?.into_iter();
        all.extend(figures.map(|(category, figure)| RulerFigure::of(category, length, figure)));
    }
    Ok(all)
}

pub(super) fn fixes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<FixFigure>, D::Error> {
    let mut all = Vec::new();
    for table in from.deserialize_any(Many::<AtLength>(PhantomData))? {
        let (length, method) = (table.length, table.method.unwrap_or(FixMethod::Other));
        let figures = table.figures::<D::Error>()?.into_iter();
        all.extend(
            figures.map(|(category, figure)| FixFigure::of(method, category, length, figure)),
        );
    }
    Ok(all)
}

/// LongBench v2: `value` of one way of answering, or each way by its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    reading: Option<Reading>,
    domain: Option<String>,
    length: Option<LengthClass>,
    value: Option<f64>,
    n: Option<u32>,
    low: Option<f64>,
    high: Option<f64>,
    direct: Option<Share>,
    cot: Option<Share>,
    no_context: Option<Share>,
    tail_only: Option<Share>,
    rag: Option<Share>,
}

pub(super) fn longbench<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<LongBenchFigure>, D::Error> {
    let mut all = Vec::new();
    for table in from.deserialize_any(Many::<Questions>(PhantomData))? {
        let part = || (table.domain.clone(), table.length);
        let before = all.len();
        if let Some(value) = table.value {
            let reading = table
                .reading
                .ok_or_else(|| D::Error::missing_field("reading"))?;
            let (n, low, high) = (table.n, table.low, table.high);
            let figure = Figure {
                value,
                n,
                low,
                high,
            };
            all.push(LongBenchFigure::of(reading, part(), figure));
        }
        let named = [
            (Reading::Direct, &table.direct),
            (Reading::Cot, &table.cot),
            (Reading::NoContext, &table.no_context),
            (Reading::TailOnly, &table.tail_only),
            (Reading::Rag, &table.rag),
        ];
        for (reading, share) in named {
            if let Some(Share(figure)) = share {
                let n = figure.n.or(table.n);
                let figure = Figure { n, ..*figure };
                all.push(LongBenchFigure::of(reading, part(), figure));
            }
        }
        if all.len() == before {
            return Err(D::Error::custom(
                "longbench: got no figure, expected `reading = \"direct\"` with `value = 38.0`, or `direct = 38.0`",
            ));
        }
    }
    Ok(all)
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = Option<Model>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a name with its size (\"Llama 3.1 70B\"), or a table {{ parameters = 8e9, layers = 32, attention_width = 4096 }}"
        )
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Option<Model>, E> {
        let model = Size::of_name(name).map(|size| Model {
            name: name.to_owned(),
            total_parameters: (size.total > size.active).then_some(size.total),
            ..Model::of_size(size.active)
        });
        let known = model.map(Some);
        known.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(name), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Option<Model>, A::Error> {
        Model::deserialize(MapAccessDeserializer::new(table)).map(Some)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Option<Model>, E> {
        Ok(None)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Option<Model>, E> {
        Ok(None)
    }
}

pub(super) fn model<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Model>, D::Error> {
    from.deserialize_any(ModelVisitor)
}
