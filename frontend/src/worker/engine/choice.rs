//! Which of the page's two engines runs a model, and why: measured, unless the reader chooses.

use fathom_candle::product_rate;
use fathom_kernels::gpu::{Gpu, GpuError};
use fathom_kernels::session::{KernelTuning, SessionError};
use serde::{Deserialize, Serialize};

use super::super::adapter;
use super::super::store::ModelStorage;
use crate::protocol::EngineChoice;

/// The speeds measured on an adapter and on the processor of the same machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct MeasuredEngines {
    /// The adapter's kernels.
    tuning: KernelTuning,
    /// Multiply-adds per second of the adapter.
    adapter: f64,
    /// The processor's.
    processor: f64,
}

/// The engine that runs the next model.
pub(super) enum ChosenEngine {
    /// Our shaders.
    Adapter(Box<OpenAdapter>),
    /// Candle.
    Processor {
        /// Why, as a sentence.
        why: String,
    },
}

/// An adapter that is ready for a model.
pub(super) struct OpenAdapter {
    pub(super) gpu: Gpu,
    /// Its name, as the browser tells it.
    pub(super) device: String,
    pub(super) tuning: KernelTuning,
    /// Why it is this one, as a sentence.
    pub(super) why: String,
}

/// The engine for `choice`.
///
/// # Errors
/// A sentence: there is no adapter where one is asked for, or the storage fails.
pub(super) async fn choose(
    choice: EngineChoice,
    store: &ModelStorage,
) -> Result<ChosenEngine, String> {
    if choice == EngineChoice::Processor {
        let why = "Runs on the processor, as chosen.".to_owned();
        return Ok(ChosenEngine::Processor { why });
    }
    let opened = match Gpu::open().await {
        Ok(gpu) => measured(gpu, store).await?,
        Err(error) => Err(error),
    };
    Ok(match (opened, choice) {
        (Ok((gpu, device, measured)), EngineChoice::Webgpu) => {
            let why = "Runs on the graphics adapter, as chosen.".to_owned();
            ChosenEngine::Adapter(Box::new(OpenAdapter {
                gpu,
                device,
                tuning: measured.tuning,
                why,
            }))
        }
        (Ok((gpu, device, measured)), _) => match measured.why_the_processor(&device) {
            Some(why) => ChosenEngine::Processor { why },
            None => ChosenEngine::Adapter(Box::new(OpenAdapter {
                why: measured.why_the_adapter(),
                gpu,
                device,
                tuning: measured.tuning,
            })),
        },
        (Err(error), EngineChoice::Webgpu) => return Err(error.to_string()),
        (Err(GpuError::NoAdapter { .. }), _) => ChosenEngine::Processor {
            why: "Runs on the processor: this browser offers no WebGPU adapter.".to_owned(),
        },
        (Err(error), _) => ChosenEngine::Processor {
            why: format!("Runs on the processor: the graphics adapter failed ({error})."),
        },
    })
}

/// Whether an adapter refuses a model that the processor may run.
pub(super) fn is_unsuited(error: &SessionError) -> bool {
    matches!(
        error,
        SessionError::HeadDim { .. } | SessionError::Block { .. } | SessionError::Gpu(_)
    )
}

/// The adapter with its name and what is known of it, from the storage or measured now.
async fn measured(
    gpu: Gpu,
    store: &ModelStorage,
) -> Result<Result<(Gpu, String, MeasuredEngines), GpuError>, String> {
    let device = match adapter::name().await {
        Some(name) => format!("{name} (WebGPU)"),
        None => gpu.adapter().to_owned(),
    };
    let file = file_of(&device);
    // If the file cannot be read, the speeds are measured again.
    let kept: Option<MeasuredEngines> = store.read_json(&file).await.unwrap_or_default();
    if let Some(kept) = kept.filter(|kept| kept.tuning.adapter == gpu.adapter()) {
        return Ok(Ok((gpu, device, kept)));
    }
    let measured = match measure(&gpu).await {
        Ok(measured) => measured,
        Err(error) => return Ok(Err(error)),
    };
    store.write_json(&file, &measured).await?;
    Ok(Ok((gpu, device, measured)))
}

async fn measure(gpu: &Gpu) -> Result<MeasuredEngines, GpuError> {
    let tuning = KernelTuning::measure(gpu).await?;
    Ok(MeasuredEngines {
        adapter: tuning.product_rate(gpu).await?,
        // One that fails to multiply is not chosen.
        processor: product_rate().unwrap_or_default(),
        tuning,
    })
}

impl MeasuredEngines {
    /// Why the processor runs a model, if it reads faster.
    fn why_the_processor(&self, device: &str) -> Option<String> {
        (self.processor > self.adapter).then(|| {
            let times = times(self.processor / self.adapter);
            format!("Runs on the processor: this browser's graphics adapter, {device}, reads {times} times slower.")
        })
    }

    fn why_the_adapter(&self) -> String {
        let times = times(self.adapter / self.processor);
        format!(
            "Runs on the graphics adapter, which reads {times} times faster than the processor."
        )
    }
}

/// A ratio to two digits.
fn times(ratio: f64) -> String {
    match ratio {
        ..10.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}

/// What was measured on one adapter, in a file named after it.
fn file_of(device: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!(
        "engines-{}.json",
        device.chars().map(plain).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use fathom_kernels::session::KernelVariant;

    use super::*;

    #[test]
    fn the_faster_engine_is_chosen_and_says_by_how_much() {
        let engines = |adapter, processor| MeasuredEngines {
            tuning: KernelTuning::all("an adapter", KernelVariant::Register),
            adapter,
            processor,
        };
        let slow = engines(1e9, 3.14e9);
        assert_eq!(
            slow.why_the_processor("google swiftshader (WebGPU)"),
            Some(
                "Runs on the processor: this browser's graphics adapter, google swiftshader \
                 (WebGPU), reads 3.1 times slower."
                    .to_owned()
            )
        );
        let fast = engines(4e11, 5e9);
        assert_eq!(fast.why_the_processor("nvidia"), None);
        assert_eq!(
            fast.why_the_adapter(),
            "Runs on the graphics adapter, which reads 80 times faster than the processor."
        );
    }

    #[test]
    fn a_file_is_named_after_its_adapter() {
        let file = file_of("google swiftshader (WebGPU)");
        assert_eq!(file, "engines-google-swiftshader--WebGPU-.json");
    }
}
