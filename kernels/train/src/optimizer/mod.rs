//! From gradients to the next parameters: clipping, then Muon for the matrices and AdamW for the
//! rest, at rates that follow a schedule.

mod adamw; // AdamW
mod muon; // Muon: momentum, made orthogonal
mod schedule; // the learning rate over a stage

pub(crate) use schedule::schedule;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::network::{Decoder, ParameterKind};

/// How a stage's parameters are moved.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptimizerSettings {
    /// The learning rate of matrices, by Muon; 0 gives them to AdamW.
    pub(crate) muon: f64,
    /// The learning rate of embedding and norms, by AdamW.
    pub(crate) adamw: f64,
    /// The share of a matrix that is taken away per step, times the learning rate.
    #[serde(default)]
    pub(crate) weight_decay: f64,
    /// The largest length of the whole gradient.
    #[serde(default = "clip")]
    pub(crate) clip: f64,
    /// Tokens over which the learning rate rises from 0.
    pub(crate) warm_up_tokens: u64,
    /// The share of the budget after which the learning rate falls.
    #[serde(default = "decay_from")]
    pub(crate) decay_from: f64,
    /// The share of the learning rate that is left at the end.
    #[serde(default = "final_share")]
    pub(crate) final_share: f64,
}

fn clip() -> f64 {
    1.0
}

fn decay_from() -> f64 {
    0.6
}

fn final_share() -> f64 {
    0.02
}

/// What an optimizer remembers of one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    /// The running sum or mean of gradients.
    pub(crate) first: Tensor,
    /// The running mean of their squares; AdamW's alone.
    pub(crate) second: Option<Tensor>,
}

/// Moves the parameters of one decoder.
#[derive(Debug)]
pub(crate) struct Optimizer {
    settings: OptimizerSettings,
    /// In the order of the parameters.
    pub(crate) moments: Vec<Moments>,
}

impl Optimizer {
    /// An optimizer that has seen no gradient.
    ///
    /// # Errors
    /// What candle says.
    pub(crate) fn new(settings: &OptimizerSettings, decoder: &Decoder) -> Result<Self> {
        let moments = decoder.parameters().into_iter().map(|parameter| {
            let zeros = parameter.tensor().zeros_like()?;
            let second = (!by_muon(settings, parameter.kind)).then(|| zeros.clone());
            let first = zeros;
            Ok(Moments { first, second })
        });
        Ok(Self {
            moments: moments.collect::<Result<_>>()?,
            settings: settings.clone(),
        })
    }

    /// Step number `step`, from 1, at `share` of the learning rates. Returns the length of the whole
    /// gradient before clipping.
    ///
    /// # Errors
    /// A parameter has no gradient, or what candle says.
    pub(crate) fn step(
        &mut self,
        decoder: &Decoder,
        gradients: &GradStore,
        step: u64,
        share: f64,
    ) -> Result<f64> {
        let parameters = decoder.parameters();
        let gradients: Vec<&Tensor> = parameters
            .iter()
            .map(|parameter| {
                let none = || format!("parameter `{}` has no gradient", parameter.name);
                gradients
                    .get(parameter.tensor())
                    .ok_or_else(|| candle_core::Error::msg(none()))
            })
            .collect::<Result<_>>()?;
        let norm = length(&gradients)?;
        let factor = match norm > self.settings.clip {
            true => self.settings.clip / norm,
            false => 1.0,
        };
        for ((parameter, gradient), moments) in
            parameters.iter().zip(gradients).zip(&mut self.moments)
        {
            let gradient = (gradient * factor)?;
            let kept = |rate: f64| 1.0 - rate * self.settings.weight_decay;
            if by_muon(&self.settings, parameter.kind) {
                let rate = share * self.settings.muon;
                let rows = parameter.parts.iter().map(|(_, rows)| *rows);
                let update = muon::update(&mut moments.first, &gradient, rows)?;
                let old = (parameter.tensor() * kept(rate))?;
                parameter.var.set(&(old - (update * rate)?)?)?;
                continue;
            }
            let rate = share * self.settings.adamw;
            let update = adamw::update(moments, &gradient, step)?;
            let kept = match parameter.kind {
                ParameterKind::Matrix { .. } => kept(rate),
                ParameterKind::Embedding | ParameterKind::Norm => 1.0,
            };
            let old = (parameter.tensor() * kept)?;
            parameter.var.set(&(old - (update * rate)?)?)?;
        }
        Ok(norm)
    }
}

fn by_muon(settings: &OptimizerSettings, kind: ParameterKind) -> bool {
    settings.muon > 0.0 && matches!(kind, ParameterKind::Matrix { .. })
}

/// `sqrt(Σ g²)` over all gradients.
fn length(gradients: &[&Tensor]) -> Result<f64> {
    let mut sum = 0.0;
    for gradient in gradients {
        sum += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
    }
    Ok(sum.sqrt())
}
