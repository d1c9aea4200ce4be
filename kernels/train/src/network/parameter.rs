//! A trained tensor: what it is called in a checkpoint, and which optimizer moves it.

use candle_core::{Device, Result, Tensor, Var};

use crate::random::Random;

/// A trained tensor, in f32.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// The name in the training state.
    pub(crate) name: String,
    pub(crate) var: Var,
    pub(crate) kind: ParameterKind,
    /// The tensors of a checkpoint that it is made of, one below the other, each with its rows.
    pub(crate) parts: Vec<(String, usize)>,
}

/// What a parameter does, which decides how it begins and how it is trained.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ParameterKind {
    /// A matrix between two hidden states; its first values are multiplied by `gain`.
    Matrix { gain: f64 },
    /// The embedding, which is the head as well.
    Embedding,
    /// The weights of a norm.
    Norm,
}

/// The standard deviation of the embedding's first values.
const EMBEDDING: f64 = 0.05;
/// The same of a matrix, times the root of its columns.
const MATRIX: f64 = 0.7;

impl Parameter {
    /// Its values before the first step follow from `random`.
    ///
    /// # Errors
    /// What candle says.
    pub(super) fn new(
        name: &str,
        kind: ParameterKind,
        parts: Vec<(String, usize)>,
        columns: usize,
        random: &mut Random,
        device: &Device,
    ) -> Result<Self> {
        let rows: usize = parts.iter().map(|(_, rows)| rows).sum();
        let mut draw = |deviation: f64, len: usize| -> Vec<f32> {
            (0..len)
                .map(|_| (deviation * random.normal()) as f32)
                .collect()
        };
        let deviation = |gain: f64| gain * MATRIX / (columns as f64).sqrt();
        let tensor = match kind {
            ParameterKind::Matrix { gain } => Tensor::from_vec(
                draw(deviation(gain), rows * columns),
                (rows, columns),
                device,
            )?,
            ParameterKind::Embedding => {
                Tensor::from_vec(draw(EMBEDDING, rows * columns), (rows, columns), device)?
            }
            ParameterKind::Norm => Tensor::from_vec(vec![1.0_f32; rows], rows, device)?,
        };
        Ok(Self {
            name: name.to_owned(),
            var: Var::from_tensor(&tensor)?,
            kind,
            parts,
        })
    }

    pub(crate) fn tensor(&self) -> &Tensor {
        self.var.as_tensor()
    }
}
