//! From GGUF metadata, and the tensors that some files keep factors in.

use super::{
    RopeConfig, RopeError, RopeFileError, RopeScaling, YarnParameters, longrope_attention,
    yarn_attention,
};
use crate::model::gguf::{Gguf, GgufValue};

const DIVIDED: &str = "rope_freqs.weight";
const LONG: &str = "rope_factors_long.weight";
const SHORT: &str = "rope_factors_short.weight";

/// The keys below `<architecture>.rope.` that are read here, and the one that changes nothing:
/// whether a stretched model was trained further. Names as in llama.cpp's `llama-arch.cpp`.
const KNOWN: [&str; 13] = [
    "dimension_count",
    "freq_base",
    "scale_linear",
    "scaling.type",
    "scaling.factor",
    "scaling.original_context_length",
    "scaling.attn_factor",
    "scaling.finetuned",
    "scaling.yarn_ext_factor",
    "scaling.yarn_attn_factor",
    "scaling.yarn_beta_fast",
    "scaling.yarn_beta_slow",
    "scaling.yarn_log_multiplier",
];

impl RopeConfig {
    /// Reads a GGUF file's metadata for heads of `head_dim` values.
    ///
    /// # Errors
    /// Positions that are not understood, or factors that a mere header does not hold.
    pub fn from_gguf(gguf: &Gguf, head_dim: usize) -> Result<Self, RopeFileError> {
        let read = GgufRopeReader { gguf };
        read.all_known()?;
        let dims = read.size("dimension_count")?.unwrap_or(head_dim);
        let base = read.above_0("freq_base")?.unwrap_or(10_000.0);
        let mut rope = Self::new(base, dims);
        // llama.cpp's: a factor without a kind is linear.
        let kind = read.text("scaling.type")?.unwrap_or("linear");
        let divided = read.factors(DIVIDED, dims / 2)?;
        let long = read.factors(LONG, dims / 2)?;
        rope.scaling = match (kind, divided, long) {
            ("none" | "longrope", None, Some(long)) => read.longrope(long, dims / 2)?,
            ("linear", None, Some(long)) if read.factor()? == 1.0 => {
                read.longrope(long, dims / 2)?
            }
            ("none", Some(factors), None) => RopeScaling::Divided { factors },
            ("linear", Some(factors), None) if read.factor()? == 1.0 => {
                RopeScaling::Divided { factors }
            }
            (kind, None, None) => read.scaling(kind)?,
            (kind, divided, _) => {
                let got = kind.to_owned();
                let tensor = if divided.is_some() { DIVIDED } else { LONG };
                return Err(RopeError::Both { got, tensor }.into());
            }
        };
        match rope.scaling {
            RopeScaling::Yarn(_) | RopeScaling::LongRope { .. } => (),
            // llama.cpp multiplies by it whatever the kind is.
            _ => read.only("scaling.attn_factor", &[1.0])?,
        }
        Ok(rope)
    }
}

struct GgufRopeReader<'a> {
    gguf: &'a Gguf,
}

impl<'a> GgufRopeReader<'a> {
    fn key(&self, name: &str) -> String {
        format!("{}.rope.{name}", self.gguf.architecture())
    }

    /// A key that says nothing to us could mean other positions.
    fn all_known(&self) -> Result<(), RopeError> {
        let before = self.key("");
        let unknown = |key: &&str| {
            key.strip_prefix(&before)
                .is_some_and(|name| !KNOWN.contains(&name))
        };
        match self.gguf.keys().find(unknown) {
            None => Ok(()),
            Some(key) => Err(RopeError::Metadata {
                key: key.to_owned(),
            }),
        }
    }

    fn value(&self, name: &str, want: &str) -> RopeError {
        let key = self.key(name);
        let got = self.gguf.get(&key);
        RopeError::Value {
            got: got.map_or_else(|| "missing".to_owned(), GgufValue::in_words),
            want: want.to_owned(),
            key,
        }
    }

    /// A finite number, where the file has one.
    fn number(&self, name: &str) -> Result<Option<f64>, RopeError> {
        match self.gguf.get(&self.key(name)) {
            None => Ok(None),
            Some(GgufValue::Float(number)) if number.is_finite() => Ok(Some(*number)),
            Some(_) => Err(self.value(name, "a number above 0")),
        }
    }

    fn above_0(&self, name: &str) -> Result<Option<f64>, RopeError> {
        match self.number(name)? {
            Some(number) if number <= 0.0 => Err(self.value(name, "a number above 0")),
            number => Ok(number),
        }
    }

    /// Holds a number that would change the positions, were it another than one of `wanted`.
    fn only(&self, name: &str, wanted: &[f64]) -> Result<(), RopeError> {
        let same = |got: f64| wanted.iter().any(|want| (got - want).abs() < 1e-4);
        match self.number(name)? {
            Some(got) if !same(got) => {
                let round = |want: &f64| ((want * 1e4).round() / 1e4).to_string();
                let wanted: Vec<_> = wanted.iter().map(round).collect();
                Err(self.value(name, &wanted.join(" or ")))
            }
            _ => Ok(()),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, RopeError> {
        match self.gguf.get(&self.key(name)) {
            None => Ok(None),
            Some(GgufValue::Str(text)) => Ok(Some(text)),
            Some(_) => Err(self.value(name, "a text")),
        }
    }

    fn size(&self, name: &str) -> Result<Option<usize>, RopeError> {
        let Some(said) = self.gguf.get(&self.key(name)) else {
            return Ok(None);
        };
        let size = said.size().and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| self.value(name, "a whole number"));
        size.map(Some)
    }

    /// How much longer the window is; llama.cpp takes 0 and nothing for 1.
    fn factor(&self) -> Result<f64, RopeError> {
        let said = ["scaling.factor", "scale_linear"]
            .into_iter()
            .find(|name| self.gguf.get(&self.key(name)).is_some());
        match said {
            Some(name) if self.gguf.float(&self.key(name)) != Some(0.0) => {
                Ok(self.above_0(name)?.unwrap_or(1.0))
            }
            _ => Ok(1.0),
        }
    }

    fn scaling(&self, kind: &str) -> Result<RopeScaling, RopeError> {
        Ok(match kind {
            "none" => RopeScaling::Default,
            "linear" => {
                // Above 0 it would be YaRN.
                if self.number("scaling.yarn_ext_factor")? > Some(0.0) {
                    return Err(self.value("scaling.yarn_ext_factor", "0 with linear positions"));
                }
                self.linear()?
            }
            "yarn" => self.yarn()?,
            // Its factors are a tensor.
            "longrope" => {
                let key = LONG.to_owned();
                return Err(RopeError::Missing { key });
            }
            got => {
                let got = got.to_owned();
                return Err(RopeError::MetadataKind { got });
            }
        })
    }

    fn linear(&self) -> Result<RopeScaling, RopeError> {
        self.only("scaling.yarn_attn_factor", &[1.0])?;
        Ok(match self.factor()? {
            1.0 => RopeScaling::Default,
            factor => RopeScaling::Linear { factor },
        })
    }

    /// As llama.cpp reads these keys for the families whose graphs take them (`llama-context.cpp`).
    fn yarn(&self) -> Result<RopeScaling, RopeError> {
        match self.number("scaling.yarn_ext_factor")? {
            // How much of the ramp counts; below 0 it is not said.
            Some(0.0) => {
                self.only("scaling.attn_factor", &[1.0])?;
                return self.linear();
            }
            Some(ext) if ext > 0.0 => self.only("scaling.yarn_ext_factor", &[1.0, 0.0])?,
            _ => (),
        }
        let factor = self.factor()?;
        let log = self.number("scaling.yarn_log_multiplier")?;
        let by = match log.unwrap_or(0.0) {
            0.0 => 1.0,
            log if log > 0.0 => yarn_attention(factor, log),
            _ => return Err(self.value("scaling.yarn_log_multiplier", "0 or above")),
        };
        let attention = yarn_attention(factor, 1.0) / by;
        // llama.cpp puts the formula in its place, converters write Hugging Face's word there.
        self.only("scaling.yarn_attn_factor", &[1.0, attention])?;
        Ok(RopeScaling::Yarn(YarnParameters {
            factor,
            original: self.original()?,
            beta_fast: self.above_0("scaling.yarn_beta_fast")?.unwrap_or(32.0),
            beta_slow: self.above_0("scaling.yarn_beta_slow")?.unwrap_or(1.0),
            truncate: true,
            // llama.cpp multiplies where Hugging Face replaces.
            attention: attention * self.above_0("scaling.attn_factor")?.unwrap_or(1.0),
        }))
    }

    fn longrope(&self, long: Vec<f64>, pairs: usize) -> Result<RopeScaling, RopeFileError> {
        let short = self.factors(SHORT, pairs)?;
        let key = SHORT.to_owned();
        let short = short.ok_or(RopeError::Missing { key })?;
        let original = self.original()?;
        let window = format!("{}.context_length", self.gguf.architecture());
        let window = self.gguf.uint(&window).unwrap_or(original as u64);
        let attention = longrope_attention(window as f64 / original as f64, original);
        Ok(RopeScaling::LongRope {
            short,
            long,
            original,
            attention: self.above_0("scaling.attn_factor")?.unwrap_or(attention),
        })
    }

    /// The window before the stretch, else the one that the file says.
    fn original(&self) -> Result<usize, RopeError> {
        let name = "scaling.original_context_length";
        let window = format!("{}.context_length", self.gguf.architecture());
        let window = || {
            self.gguf
                .uint(&window)
                .and_then(|n| usize::try_from(n).ok())
        };
        let original = self.size(name)?.or_else(window);
        let original = original.filter(|tokens| *tokens > 0);
        original.ok_or_else(|| RopeError::Missing {
            key: self.key(name),
        })
    }

    /// A number above 0 for each pair, where the file has this tensor.
    fn factors(&self, name: &str, pairs: usize) -> Result<Option<Vec<f64>>, RopeFileError> {
        let Some(factors) = self.gguf.factors(name)? else {
            return Ok(None);
        };
        let usable = |factor: &f32| factor.is_finite() && *factor > 0.0;
        if factors.len() != pairs || !factors.iter().all(usable) {
            return Err(RopeError::Value {
                key: name.to_owned(),
                got: format!("{factors:?}").chars().take(60).collect(),
                want: format!("{pairs} numbers above 0, one for each pair"),
            }
            .into());
        }
        Ok(Some(
            factors.iter().map(|factor| f64::from(*factor)).collect(),
        ))
    }
}

#[cfg(test)]
mod tests;
