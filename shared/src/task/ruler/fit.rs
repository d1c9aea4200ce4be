//! Finds the size of a haystack.
//!
//! The original bisects between one step and a multiple of an estimate, drawing new prompts each
//! time; then it reduces each sample by one step until it fits. The stratified profile bisects for
//! each sample separately.

use super::frame::{DrawnPrompt, SampleFrame};
use super::streams::RandomStreams;
use crate::task::{GenerateError, Sample};
use crate::tokens::Tokens;

/// How often a sample of the smallest size is drawn again before giving up. The original draws
/// forever; a new draw changes the length by a few tokens, so a sample that does not fit after this
/// many draws never will.
const DRAWS_AT_FLOOR: u32 = 64;

/// The bounds of the original's search for a size.
pub(in crate::task) struct SearchBounds {
    pub(in crate::task) step: usize,
    pub(in crate::task) high: usize,
}

impl SearchBounds {
    /// # Formula
    /// `max(3 · most · step / length(step), 2 · step)`, in double precision and truncated.
    pub(in crate::task) fn of_probe(step: usize, most: Tokens, probed: Tokens) -> Self {
        let per_unit = f64::from(probed.0) / step as f64;
        let estimate = (f64::from(most.0) / per_unit * 3.0) as usize;
        Self {
            step,
            high: estimate.min(sensible(most)).max(step * 2),
        }
    }
}

/// The most units that a haystack may have, as a unit is at least one token. Otherwise a tokenizer
/// that finds no tokens in any text would fill the memory.
fn sensible(most: Tokens) -> usize {
    (most.0 as usize).saturating_mul(8)
}

/// The largest size whose `length_of` is within `most`, searched as the original does; the step
/// itself if none fits.
///
/// `length_of` draws random numbers, so the sizes that are tried, and their order, matter.
///
/// # Errors
/// The error of `length_of`, at which the original program fails.
pub(in crate::task) fn search(
    bounds: &SearchBounds,
    most: Tokens,
    mut length_of: impl FnMut(usize) -> Result<Tokens, GenerateError>,
) -> Result<usize, GenerateError> {
    let (mut low, mut high) = (bounds.step, bounds.high);
    let mut best = None;
    while low <= high {
        let middle = usize::midpoint(low, high);
        if length_of(middle)? <= most {
            best = Some(middle);
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    Ok(best.unwrap_or(bounds.step))
}

/// Draws a prompt at `size`, then at one step less while it is too long or `draw` asks for another
/// try.
///
/// # Errors
/// The error of `draw`; or [`GenerateError::DoesNotFit`] with the shortest length seen, after
/// enough draws at the smallest size, where the original never ends.
pub(in crate::task) fn settle<T>(
    size: usize,
    step: usize,
    most: Tokens,
    does_not_fit: impl FnOnce(Tokens) -> GenerateError,
    mut draw: impl FnMut(usize) -> Result<Option<(T, Tokens)>, GenerateError>,
) -> Result<(T, Tokens), GenerateError> {
    let (mut used, mut least, mut at_floor) = (size, None::<Tokens>, 0);
    loop {
        if let Some((drawn, length)) = draw(used)? {
            if length <= most {
                return Ok((drawn, length));
            }
            least = Some(least.map_or(length, |seen| seen.min(length)));
        }
        if used > step {
            used -= step;
            continue;
        }
        at_floor += 1;
        if at_floor >= DRAWS_AT_FLOOR {
            return Err(does_not_fit(least.unwrap_or(most)));
        }
    }
}

/// The original's samples from number `first` on, each [settled](settle) from `size` downwards.
///
/// `draw` returns `None` where the original catches an exception and draws again.
pub(super) fn in_one_stream<'a>(
    frame: SampleFrame<'a>,
    first: u32,
    size: usize,
    step: usize,
    mut draw: impl FnMut(&SampleFrame<'a>, u32, usize) -> Result<Option<DrawnPrompt>, GenerateError>
    + 'a,
) -> impl Iterator<Item = Result<Sample, GenerateError>> + 'a {
    (first..).map(move |number| {
        let no_fit = |needed| frame.does_not_fit(needed);
        let (drawn, length) = settle(size, step, frame.most, no_fit, |size| {
            let drawn = draw(&frame, number, size)?;
            Ok(drawn.map(|drawn| {
                let length = frame.length(&drawn.draft.text);
                (drawn, length)
            }))
        })?;
        // Most tasks are counted before their lines are joined, as in the original.
        let drawn = if frame.flat { drawn.flat() } else { drawn };
        Ok(frame.finish(number, drawn, length))
    })
}

/// Samples from number `first` on, each made [alone](alone) with its own stream; `least` gives the
/// smallest size for a number.
pub(in crate::task) fn each_alone<'a>(
    frame: SampleFrame<'a>,
    first: u32,
    least: impl Fn(u32) -> Result<usize, GenerateError> + 'a,
    draw: impl Fn(
        &SampleFrame<'a>,
        u32,
        usize,
        &mut RandomStreams,
    ) -> Result<DrawnPrompt, GenerateError>
    + 'a,
) -> impl Iterator<Item = Result<Sample, GenerateError>> + 'a {
    (first..).map(move |number| {
        alone(&frame, number, least(number)?, |size| {
            let mut streams = RandomStreams::of_sample(frame.spec.random_seed, number);
            let drawn = draw(&frame, number, size, &mut streams)?;
            Ok(if frame.flat { drawn.flat() } else { drawn })
        })
    })
}

/// The sample of the largest size, at least `least`, that fits. `draw` must return the same prompt
/// for the same size.
///
/// # Errors
/// As [`largest`].
pub(in crate::task) fn alone(
    frame: &SampleFrame<'_>,
    number: u32,
    least: usize,
    mut draw: impl FnMut(usize) -> Result<DrawnPrompt, GenerateError>,
) -> Result<Sample, GenerateError> {
    let most = sensible(frame.most).max(least);
    let (drawn, length) = largest(frame, least, most, |size| {
        let drawn = draw(size)?;
        let length = frame.length(&drawn.draft.text);
        Ok((drawn, length))
    })?;
    Ok(frame.finish(number, drawn, length))
}

/// The result of `draw` at the largest size from `least` to `most` whose length fits: the size
/// doubles until it is too large, then the interval is bisected.
///
/// # Errors
/// The error of `draw`; or [`GenerateError::DoesNotFit`] if `least` is already too large. If the
/// words run out before nine tenths of the length are filled, that is the error: a sample of half
/// the length would pass for a full one.
pub(in crate::task) fn largest<T>(
    frame: &SampleFrame<'_>,
    least: usize,
    most: usize,
    mut draw: impl FnMut(usize) -> Result<(T, Tokens), GenerateError>,
) -> Result<(T, Tokens), GenerateError> {
    let mut best = draw(least)?;
    if best.1 > frame.most {
        return Err(frame.does_not_fit(best.1));
    }
    let (mut low, mut high, mut doubles) = (least, most + 1, true);
    let mut few = None;
    while low + 1 < high {
        let size = if doubles && low < high / 2 {
            low * 2
        } else {
            usize::midpoint(low, high)
        };
        match draw(size) {
            Ok(drawn) if drawn.1 <= frame.most => {
                best = drawn;
                low = size;
            }
            Ok(_) => (high, doubles) = (size, false),
            Err(error @ GenerateError::TooFewWords { .. }) => {
                (high, doubles) = (size, false);
                few = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    match few {
        Some(error) if best.1.0 < frame.most.0 / 10 * 9 => Err(error),
        _ => Ok(best),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_largest_that_fits() {
        let length = |n: usize| Tokens(7 * n as u32 + 40);
        let bounds = SearchBounds::of_probe(25, Tokens(1000), length(25));
        let size = search(&bounds, Tokens(1000), |n| Ok(Tokens(length(n).0 + 128))).unwrap();
        assert_eq!(size, (1000 - 128 - 40) / 7);
    }

    #[test]
    fn a_tokenizer_that_finds_nothing_has_an_end() {
        let bounds = SearchBounds::of_probe(25, Tokens(1000), Tokens(0));
        assert_eq!(bounds.high, 8000);
    }

    #[test]
    fn steps_down_and_gives_up_with_a_figure() {
        let drawn = |n: usize| Ok(Some(((), Tokens(n as u32))));
        let error = |needed| GenerateError::DoesNotFit {
            task: "t".into(),
            got: Tokens(4),
            needed,
        };
        assert_eq!(
            settle(23, 5, Tokens(14), error, drawn).unwrap().1,
            Tokens(13)
        );
        let least = settle(23, 5, Tokens(2), error, drawn).unwrap_err();
        assert_eq!(least, error(Tokens(3)));
    }
}
