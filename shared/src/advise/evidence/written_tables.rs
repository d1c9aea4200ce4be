//! Parses tables of figures as people write them: one table per figure, or one per length with its
//! categories.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::written_choices::ChoiceWord;
use super::{
    LongBenchFigure, LongBenchMode, PercentFigure, PositionFixFigure, PositionFixMethod,
    RulerFigure,
};
use crate::advise::benchmarks::DOMAINS;
use crate::longbench::LengthClass;
use crate::numbers::number_and_unit;
use crate::published::plain_name;
use crate::results::length_text;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// A figure: a number alone, or a table with n and interval.
struct FigureValue(PercentFigure);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureFields {
    value: f64,
    n: Option<u32>,
    low: Option<f64>,
    high: Option<f64>,
}

struct FigureValueVisitor;

impl<'de> Visitor<'de> for FigureValueVisitor {
    type Value = FigureValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a percentage such as 62.0, or a table {{ value = 62.0, n = 500 }}"
        )
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<FigureValue, E> {
        let alone = PercentFigure {
            value,
            n: None,
            low: None,
            high: None,
        };
        Ok(FigureValue(alone))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<FigureValue, E> {
        self.visit_f64(value as f64)
    }

    /// `62.0`, `62%`, `62 percent`.
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FigureValue, E> {
        match number_and_unit(text) {
            Some((value, unit)) if ["", "%", "percent"].contains(&unit.as_str()) => {
                self.visit_f64(value)
            }
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<FigureValue, E> {
        self.visit_f64(value as f64)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FigureValue, A::Error> {
        let FigureFields {
            value,
            n,
            low,
            high,
        } = FigureFields::deserialize(MapAccessDeserializer::new(map))?;
        Ok(FigureValue(PercentFigure {
            value,
            n,
            low,
            high,
        }))
    }
}

impl<'de> Deserialize<'de> for FigureValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FigureValueVisitor)
    }
}

impl<'de> Deserialize<'de> for PercentFigure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        FigureValue::deserialize(from).map(|share| share.0)
    }
}

/// One table, or a list of them.
struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
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

/// A value that is read as people write it.
macro_rules! written {
    ($($name:ident($type:ty): $read:path;)*) => {
        $(
            struct $name($type);

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    $read(from).map(Self)
                }
            }
        )*
    };
}

written! {
    CategoryWord(RulerCategory): RulerCategory::read;
    Length(Tokens): super::written_numbers::tokens;
}

/// RULER at one length: `value` of one category, or each category by its name.
#[derive(Default)]
struct RulerTable {
    method: Option<PositionFixMethod>,
    category: Option<RulerCategory>,
    length: Tokens,
    tasks: Option<u32>,
    value: Option<f64>,
    n: Option<u32>,
    low: Option<f64>,
    high: Option<f64>,
    /// Figures by category; without one, the mean.
    named: Vec<(Option<RulerCategory>, PercentFigure)>,
}

/// The fields of a table of RULER other than the names of categories.
const RULER_FIELDS: [&str; 9] = [
    "length", "category", "value", "n", "low", "high", "tasks", "method", "mean",
];
/// Other words for the mean of all tasks.
const MEAN: [&str; 4] = ["mean", "average", "avg", "overall"];

struct RulerTableVisitor;

impl<'de> Visitor<'de> for RulerTableVisitor {
    type Value = RulerTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a table with a length and figures of RULER")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RulerTable, A::Error> {
        let (mut table, mut length) = (RulerTable::default(), None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "method" => table.method = map.next_value()?,
                "category" => table.category = Some(map.next_value::<CategoryWord>()?.0),
                "length" => length = Some(map.next_value::<Length>()?.0),
                "tasks" => table.tasks = map.next_value()?,
                "value" => table.value = map.next_value()?,
                "n" => table.n = map.next_value()?,
                "low" => table.low = map.next_value()?,
                "high" => table.high = map.next_value()?,
                key => {
                    let category = RulerCategory::of_word(key);
                    if category.is_none() && !MEAN.contains(&key) {
                        return Err(unknown_field(key));
                    }
                    let figure: Option<FigureValue> = map.next_value()?;
                    table
                        .named
                        .extend(figure.map(|figure| (category, figure.0)));
                }
            }
        }
        table.length = length.ok_or_else(|| A::Error::missing_field("length"))?;
        Ok(table)
    }
}

fn unknown_field<E: serde::de::Error>(key: &str) -> E {
    let names = RulerCategory::NAMES.iter().filter_map(|one| one.1.first());
    let known: Vec<&str> = RULER_FIELDS.iter().chain(names).copied().collect();
    E::custom(format!(
        "unknown field `{key}`, expected one of {}",
        known.join(", ")
    ))
}

impl<'de> Deserialize<'de> for RulerTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(RulerTableVisitor)
    }
}

impl RulerTable {
    /// Its figures, each with its category; `None` for the mean.
    fn figures<E: serde::de::Error>(
        self,
    ) -> Result<Vec<(Option<RulerCategory>, PercentFigure)>, E> {
        let (n, mut all) = (self.n, Vec::new());
        if let Some(value) = self.value {
            let (low, high) = (self.low, self.high);
            all.push((
                self.category,
                PercentFigure {
                    value,
                    n,
                    low,
                    high,
                },
            ));
        }
        let mut named = self.named;
        named.sort_by_key(|(category, _)| *category);
        for (category, figure) in named {
            let n = figure.n.or(n);
            all.push((category, PercentFigure { n, ..figure }));
        }
        match all.is_empty() {
            true => Err(E::custom(format!(
                "RULER at {}: got no figure, expected `value = 62.0`, or categories by name such as `multi_hop = 62.0`",
                length_text(self.length)
            ))),
            false => Ok(all),
        }
    }
}

pub(super) fn ruler<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<RulerFigure>, D::Error> {
    let mut all = Vec::new();
    for table in from.deserialize_any(OneOrMany::<RulerTable>(PhantomData))? {
        if table.method.is_some() {
            return Err(D::Error::custom(
                "ruler: got `method`; figures with a position fix stand under `[[position_fix]]`",
            ));
        }
        let (length, tasks) = (table.length, table.tasks);
        let figures = table.figures::<D::Error>()?.into_iter();
        all.extend(figures.map(|(category, figure)| RulerFigure {
            tasks,
            ..RulerFigure::of(category, length, figure)
        }));
    }
    Ok(all)
}

pub(super) fn fixes<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<PositionFixFigure>, D::Error> {
    let mut all = Vec::new();
    for table in from.deserialize_any(OneOrMany::<RulerTable>(PhantomData))? {
        let (length, method) = (
            table.length,
            table.method.unwrap_or(PositionFixMethod::Other),
        );
        let figures = table.figures::<D::Error>()?.into_iter();
        all.extend(
            figures
                .map(|(category, figure)| PositionFixFigure::of(method, category, length, figure)),
        );
    }
    Ok(all)
}

fn class<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LengthClass>, D::Error> {
    LengthClass::read(from).map(Some)
}

/// The dataset's name of a domain, however it is written.
fn domain<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    let named = |one: &&(&str, u32)| plain_name(one.0) == plain_name(&text);
    match DOMAINS.iter().find(named) {
        Some((name, _)) => Ok(Some((*name).to_owned())),
        None => Err(D::Error::custom(format!(
            "got `{text}`, expected one of {}",
            DOMAINS.map(|one| one.0).join(", ")
        ))),
    }
}

/// LongBench v2: `value` of one way of answering, or each way by its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongBenchTable {
    reading: Option<LongBenchMode>,
    #[serde(default, deserialize_with = "domain")]
    domain: Option<String>,
    #[serde(default, deserialize_with = "class")]
    length: Option<LengthClass>,
    value: Option<f64>,
    n: Option<u32>,
    low: Option<f64>,
    high: Option<f64>,
    direct: Option<FigureValue>,
    cot: Option<FigureValue>,
    no_context: Option<FigureValue>,
    tail_only: Option<FigureValue>,
    rag: Option<FigureValue>,
}

pub(super) fn longbench<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<LongBenchFigure>, D::Error> {
    let mut all = Vec::new();
    for table in from.deserialize_any(OneOrMany::<LongBenchTable>(PhantomData))? {
        let part = || (table.domain.clone(), table.length);
        let before = all.len();
        if let Some(value) = table.value {
            let reading = table
                .reading
                .ok_or_else(|| D::Error::missing_field("reading"))?;
            let (n, low, high) = (table.n, table.low, table.high);
            let figure = PercentFigure {
                value,
                n,
                low,
                high,
            };
            all.push(LongBenchFigure::of(reading, part(), figure));
        }
        let named = [
            (LongBenchMode::Direct, &table.direct),
            (LongBenchMode::Cot, &table.cot),
            (LongBenchMode::NoContext, &table.no_context),
            (LongBenchMode::TailOnly, &table.tail_only),
            (LongBenchMode::Rag, &table.rag),
        ];
        for (reading, share) in named {
            if let Some(FigureValue(figure)) = share {
                let n = figure.n.or(table.n);
                let figure = PercentFigure { n, ..*figure };
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
