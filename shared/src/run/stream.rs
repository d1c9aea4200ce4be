//! The samples of one spec, by number.

use crate::task::{GenerateError, GeneratorContext, Profile, Sample, Samples, TaskSpec};

/// Makes the samples of a spec; requested in rising order, each is made only once. Under
/// [`Profile::Upstream`] all samples come from one random stream, so going back makes all earlier
/// ones again.
pub struct SampleStream<'a> {
    spec: TaskSpec,
    generator_context: GeneratorContext<'a>,
    /// The number of the next one, and those from there on.
    at: Option<(u32, Samples<'a>)>,
}

impl<'a> SampleStream<'a> {
    /// Nothing is made yet.
    pub fn new(spec: TaskSpec, generator_context: GeneratorContext<'a>) -> Self {
        Self {
            spec,
            generator_context,
            at: None,
        }
    }

    /// Sample `number`.
    ///
    /// # Errors
    /// The spec is not valid, or this sample cannot be made.
    pub fn sample(&mut self, number: u32) -> Result<Sample, GenerateError> {
        if self.spec.rules() == Profile::Stratified {
            return self.spec.sample(number, self.generator_context);
        }
        let (mut next, mut samples) = match self.at.take() {
            Some((next, samples)) if next <= number => (next, samples),
            _ => (0, self.spec.samples(self.generator_context)?),
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
