//! From values to places, and the values that are named on an axis.

use serde::{Deserialize, Serialize};

/// Where values lie on an axis.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AxisScale {
    /// Evenly.
    Linear {
        /// The value at the beginning.
        low: f64,
        /// The value at the end.
        high: f64,
    },
    /// Every doubling takes the same distance: lengths in tokens.
    Log2 {
        /// The shortest, above 0.
        low: f64,
        /// The longest.
        high: f64,
    },
    /// Names, each with the same room; a value is the number of its name.
    Band(Vec<String>),
}

impl Default for AxisScale {
    /// Percent.
    fn default() -> Self {
        Self::Linear {
            low: 0.0,
            high: 100.0,
        }
    }
}

impl AxisScale {
    /// Where `value` lies between `from` and `to`. A scale without extent has everything in the
    /// middle.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::chart::AxisScale;
    /// let lengths = AxisScale::Log2 { low: 4096.0, high: 65536.0 };
    /// assert_eq!(lengths.place(16384.0, 0.0, 100.0), 50.0);
    /// let names = AxisScale::Band(vec!["a".into(), "b".into()]);
    /// assert_eq!(names.place(1.0, 0.0, 100.0), 75.0);
    /// ```
    pub fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        let share = match self {
            Self::Linear { low, high } => share(value, *low, *high),
            Self::Log2 { low, high } => share(value.log2(), low.log2(), high.log2()),
            Self::Band(names) => (value + 0.5) / names.len().max(1) as f64,
        };
        from + (to - from) * share
    }

    /// The values that are named, with their names: about `most` of a linear scale, every doubling
    /// of lengths, all names.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        match self {
            Self::Linear { low, high } => linear_ticks(*low, *high, most),
            Self::Log2 { low, high } => doublings(*low, *high),
            Self::Band(names) => {
                let names = names.iter().enumerate();
                names.map(|(at, name)| (at as f64, name.clone())).collect()
            }
        }
    }

    /// What a value is called.
    pub fn name(&self, value: f64) -> String {
        match self {
            Self::Linear { .. } => trimmed(value, 2),
            Self::Log2 { .. } => length_name(value),
            Self::Band(names) => names.get(value as usize).cloned().unwrap_or_default(),
        }
    }

    /// The part of lengths or values from `low` to `high`; names stay as they are.
    pub fn part(&self, low: f64, high: f64) -> Self {
        match self {
            Self::Linear { .. } => Self::Linear { low, high },
            Self::Log2 { .. } => Self::Log2 { low, high },
            Self::Band(_) => self.clone(),
        }
    }
}

/// A length in tokens as RULER names it: `4K` for 4,096; others with all their digits, also round
/// ones such as 128,000, which nobody calls 125K.
///
/// # Example
/// ```
/// use fathom_shared::chart::length_name;
/// assert_eq!([4096.0, 131_072.0, 400.0, 128_000.0].map(length_name), ["4K", "128K", "400", "128000"]);
/// ```
pub fn length_name(tokens: f64) -> String {
    let whole = |unit: f64| tokens >= unit && tokens % unit == 0.0 && tokens % 1000.0 != 0.0;
    match () {
        () if whole(1_048_576.0) => format!("{}M", tokens / 1_048_576.0),
        () if whole(1024.0) => format!("{}K", tokens / 1024.0),
        () => trimmed(tokens, 0),
    }
}

/// A number with at most so many decimals, and none that are 0.
pub(super) fn trimmed(value: f64, decimals: usize) -> String {
    let told = format!("{value:.decimals$}");
    let told = match told.contains('.') {
        true => told.trim_end_matches('0').trim_end_matches('.'),
        false => told.as_str(),
    };
    match told {
        "-0" => "0".to_owned(),
        told => told.to_owned(),
    }
}

fn share(value: f64, low: f64, high: f64) -> f64 {
    match high - low {
        0.0 => 0.5,
        extent => (value - low) / extent,
    }
}

/// Steps of 1, 2 or 5 times a power of ten.
fn linear_ticks(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let extent = high - low;
    if !(extent > 0.0 && extent.is_finite()) {
        return vec![(low, trimmed(low, 2))];
    }
    let rough = extent / most.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = step.into_iter().find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let value = |number| number as f64 * step;
    (first..=last)
        .map(|number| (value(number), trimmed(value(number), 4)))
        .collect()
}

fn doublings(low: f64, high: f64) -> Vec<(f64, String)> {
    let (first, last) = (low.log2().ceil() as i32, high.log2().floor() as i32);
    let powers = (first..=last).map(|power| 2_f64.powi(power));
    powers.map(|value| (value, length_name(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_linear_in_value_or_in_doublings() {
        let percent = AxisScale::Linear {
            low: 0.0,
            high: 100.0,
        };
        assert_eq!(percent.place(25.0, 200.0, 0.0), 150.0);
        let one = AxisScale::Log2 {
            low: 4096.0,
            high: 4096.0,
        };
        assert_eq!(one.place(4096.0, 0.0, 10.0), 5.0);
        assert_eq!(
            percent.part(50.0, 75.0).place(75.0, 0.0, 1.0),
            1.0,
            "a part fills the whole way"
        );
    }

    #[test]
    fn ticks_are_round() {
        let names = |scale: AxisScale, most| {
            let ticks = scale.ticks(most).into_iter();
            ticks.map(|(_, name)| name).collect::<Vec<_>>()
        };
        let linear = |low, high| AxisScale::Linear { low, high };
        assert_eq!(
            names(linear(0.0, 100.0), 5),
            ["0", "20", "40", "60", "80", "100"]
        );
        assert_eq!(
            names(linear(-12.0, 31.0), 5),
            ["-10", "0", "10", "20", "30"]
        );
        assert_eq!(names(linear(0.0, 0.3), 3), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(names(linear(7.0, 7.0), 3), ["7"]);
        let lengths = AxisScale::Log2 {
            low: 3000.0,
            high: 20_000.0,
        };
        assert_eq!(names(lengths, 9), ["4K", "8K", "16K"]);
    }
}
