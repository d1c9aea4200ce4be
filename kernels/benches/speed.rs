//! Tokens a second on this machine's adapter, at several depths: `cargo xtask bench kernels`.
//!
//! `speed MODEL.gguf [--prompts N,…] [--answer N] [--variant register|workgroup]`; without a model
//! it measures nothing.

#![expect(clippy::print_stdout, reason = "figures are printed")]

use std::error::Error;
use std::fs::File;
use std::io::BufReader;

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::{GenerationEvent, SamplingParams};
use fathom_kernels::gpu::Gpu;
use fathom_kernels::session::{KernelTuning, KernelVariant, Session};
use pollster::block_on;
use web_time::Instant;

const TEXT: &str = "The harbour was quiet that morning, and nobody had seen the boats come in. ";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut model, mut prompts, mut answer) = (None, vec![1024, 4000], 32);
    let mut variant = None;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or("an option without its value");
        match argument.as_str() {
            "--prompts" => {
                let numbers = value()?;
                prompts = numbers
                    .split(',')
                    .map(str::parse)
                    .collect::<Result<_, _>>()?;
            }
            "--answer" => answer = value()?.parse()?,
            "--variant" => {
                variant = Some(match value()?.as_str() {
                    "register" => KernelVariant::Register,
                    _ => KernelVariant::Workgroup,
                });
            }
            file if file.ends_with(".gguf") => model = Some(file.to_owned()),
            _ => (), // cargo's own
        }
    }
    let Some(model) = model else { return Ok(()) };
    block_on(measure(&model, &prompts, answer, variant))
}

async fn measure(
    model: &str,
    prompts: &[usize],
    answer: u32,
    variant: Option<KernelVariant>,
) -> Result<(), Box<dyn Error>> {
    let gpu = Gpu::open().await?;
    let tuning = variant.map(|variant| KernelTuning::all(gpu.adapter(), variant));
    let (mut file, cancel) = (BufReader::new(File::open(model)?), CancelFlag::default());
    let begun = Instant::now();
    let session = Session::load(gpu, &mut file, None, tuning, &cancel, &mut |_, _| ()).await?;
    println!(
        "{}, loaded in {:.1} s",
        session.adapter(),
        begun.elapsed().as_secs_f64()
    );
    println!("{:?}", session.tuning());
    let ids = session.tokenizer().encode(TEXT);
    let (mut generator, cancel) = (session.into_generator(), cancel.flag());
    println!("tokens of the prompt | prefill, tokens/s | decode, tokens/s");
    for count in prompts {
        let prompt: Vec<u32> = ids.iter().copied().cycle().take(*count).collect();
        // What was read before is read again.
        generator.forget();
        let (greedy, mut quiet) = (SamplingParams::default(), |_: GenerationEvent<'_>| ());
        let written = generator.generate(&prompt, answer, &greedy, cancel, &mut quiet);
        let written = written.await?;
        // The first token comes with the prompt.
        let decoded = f64::from(written.tokens.saturating_sub(1));
        println!(
            "{count} | {:.1} | {:.1}",
            *count as f64 / (written.prefill_ms / 1e3),
            decoded / (written.decode_ms / 1e3)
        );
    }
    Ok(())
}
