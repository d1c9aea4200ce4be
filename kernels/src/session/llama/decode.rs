//! Greedy writing of several tokens in one submission: each is chosen on the adapter and read there
//! next, and only ids come back.

use web_time::Instant;

use super::Llama;
use crate::gpu::{Buffer, Chunk, Gpu, GpuError, UniformWords};
use crate::model::rope::rotations;
use crate::model::sampler::GreedyToken;
use crate::ops::TopKBuffers;

/// The most tokens of one submission: what follows an answer's end is thrown away.
const STEPS: usize = 16;

/// What the tokens of one submission are read with, each copied to its place when its turn comes.
#[derive(Debug)]
pub(super) struct DecodeSteps {
    /// `(STEPS, words of Chunk)`
    chunks: Buffer,
    /// `(STEPS, head_dim)` cosine and sine of each pair.
    turns: Buffer,
}

impl DecodeSteps {
    pub(super) fn new(gpu: &Gpu, head_dim: usize) -> Self {
        Self {
            chunks: gpu.words("chunks of steps", STEPS * chunk(0, 1).len()),
            turns: gpu.words("turns of steps", STEPS * head_dim),
        }
    }
}

/// The words of the uniform of one token.
fn chunk(start: usize, slice: usize) -> Vec<u32> {
    let tokens = 1;
    let chunk = Chunk {
        tokens,
        start,
        slice,
    };
    chunk.words()
}

impl Llama {
    /// How many tokens, at most `most`, are written in one submission after the first `start` of the
    /// cache.
    pub(in crate::session) fn steps(&self, start: usize, most: usize) -> usize {
        let most = most.min(STEPS).min(self.cache.room(start)).max(1);
        let times = self.decode_pace.times(self.sizes.token(start + most));
        times.min(most)
    }

    /// Reads the token `id` after the first `start` that the cache holds, and writes `steps` greedily,
    /// at most [`STEPS`], each with the log-probabilities of the `top` likeliest: those before the first
    /// whose logits are no numbers. All but the last are then in the cache.
    ///
    /// # Errors
    /// The adapter's.
    pub(in crate::session) async fn decode(
        &mut self,
        gpu: &Gpu,
        id: u32,
        start: usize,
        (steps, top): (usize, usize),
    ) -> Result<Vec<GreedyToken>, GpuError> {
        let starts = start..start + steps;
        let chunks: Vec<Vec<u32>> = starts
            .clone()
            .map(|start| chunk(start, self.attention.slice(start + 1)))
            .collect();
        let turns = rotations(&self.frequencies, self.turn_scale, start, steps);
        let (words, turn_words) = (chunks[0].len(), 2 * self.frequencies.len());
        gpu.write(&self.steps.chunks, &chunks.concat());
        gpu.write(&self.steps.turns, &turns);
        gpu.write(&self.state.ids, &[id]);

        let likeliest = self.top_k.bind(gpu, &self.logits, top);
        let (best, best_words) = (&likeliest.best, likeliest.words());
        let written = gpu.words("written", steps * best_words);
        let mut commands = gpu.commands();
        for (step, start) in starts.clone().enumerate() {
            let (state, from) = (&self.state, &self.steps);
            commands.copy((&from.chunks, step * words), (&state.chunk, 0), words);
            let turns = (&from.turns, step * turn_words);
            commands.copy(turns, (&state.rope_cos_sin, 0), turn_words);
            if step > 0 {
                commands.copy((best, TopKBuffers::ID), (&state.ids, 0), 1);
            }
            {
                let mut pass = commands.pass();
                self.embed.run(&mut pass, 1);
                for number in 0..self.layers.len() {
                    self.layer(&mut pass, number, 1, start + 1);
                }
            }
            self.add_head(&mut commands, 0);
            self.top_k.run(&mut commands.pass(), &likeliest);
            commands.copy((best, 0), (&written, step * best_words), best_words);
        }
        let started = Instant::now();
        let written: Vec<u32> = gpu.read(commands, &written, 0, steps * best_words).await?;
        let work = starts.map(|start| self.sizes.token(start + 1)).sum();
        self.decode_pace.learn(work, started.elapsed());
        let tokens = written.chunks(best_words);
        Ok(tokens.map_while(|words| likeliest.token(words)).collect())
    }
}
