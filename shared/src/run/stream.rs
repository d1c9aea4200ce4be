//! The samples of one spec by their numbers.

use crate::task::{GenerateError, GeneratorContext, Profile, Sample, Samples, TaskSpec};

/// Makes samples of a spec; asked for in rising order each is made once. Under
/// [`Profile::Upstream`] all samples come from one random stream, so going back makes all before
/// it again.
pub struct SampleStream<'a> {
    spec: TaskSpec,
    kit: GeneratorContext<'a>,
    /// The number of the next one, and those from there on.
    at: Option<(u32, Samples<'a>)>,
}

impl<'a> SampleStream<'a> {
    /// Nothing is made yet.
    pub fn new(spec: TaskSpec, kit: GeneratorContext<'a>) -> Self {
        Self {
            spec,
            kit,
            at: None,
        }
    }

    /// Sample `number`.
    ///
    /// # Errors
    /// The spec is not valid, or this sample of it cannot be made.
    pub fn sample(&mut self, number: u32) -> Result<Sample, GenerateError> {
        if self.spec.rules() == Profile::Stratified {
            return self.spec.sample(number, self.kit);
        }
        let (mut next, mut samples) = match self.at.take() {
            Some((next, samples)) if next <= number => (next, samples),
            _ => (0, self.spec.samples(self.kit)?),
        };
        loop {
            let sample = samples.next();
            next += 1;
            if next > number {
                self.at = Some((next, samples));
                return sample.unwrap_or(Err(GenerateError::NoSuchSample { index: number }));
            }
        }
    }
}
