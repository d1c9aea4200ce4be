//! How the size of a haystack is found.
//!
//! The original bisects, between one step and a multiple of an estimate, on prompts that it draws
//! anew each time; then each sample takes one step less until it fits. The stratified profile
//! bisects for each sample by itself.

use super::frame::{DrawnPrompt, SampleFrame};
use super::streams::RandomStreams;
use crate::task::{GenerateError, Sample};
use crate::tokens::Tokens;

/// How often a sample at its smallest size is drawn again before the fit is given up. The
/// original draws for ever; a redraw changes a length by a few tokens, so what does not come
/// within reach in this many draws will not.
const DRAWS_AT_FLOOR: u32 = 64;

/// The bounds of the original's search.
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

/// No haystack has more units than this: a unit is a token or more. A tokenizer that finds none in
/// any text must not fill the memory.
fn sensible(most: Tokens) -> usize {
    (most.0 as usize).saturating_mul(8)
}

/// The largest size that `length_of` finds within `most`, searched as the original does; the
/// step itself where none fits.
///
/// `length_of` draws random numbers, so the sizes it is asked for, and their order, matter.
///
/// # Errors
/// What `length_of` returns: there the original program ends.
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

/// Draws a prompt at `size`, then at one step less as long as it is too long or `draw` asks for
/// another try.
///
/// # Errors
/// What `draw` returns, and [`GenerateError::DoesNotFit`] with the least length seen, once the
/// smallest size has been drawn often enough; the original never ends there.
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

/// The original's samples from number `first` on, each [settled](settle) from `size` down.
///
/// `draw` gives nothing where the original meets an exception and draws again.
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
        // Most tasks are counted before they are joined into one line, as the original does.
        let drawn = if frame.flat { drawn.flat() } else { drawn };
        Ok(frame.finish(number, drawn, length))
    })
}

/// Samples from number `first` on, each [by itself](alone) and from its own stream; `least` is
/// the smallest size of a number.
pub(super) fn each_alone<'a>(
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

/// The sample of the largest size, at least `least`, that fits. `draw` gives the same prompt for
/// the same size.
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

/// What `draw` makes of the largest size from `least` to `most` whose length fits: the sizes
/// double until one is too large, then the interval is halved.
///
/// # Errors
/// What `draw` returns, and [`GenerateError::DoesNotFit`] where `least` is too large already. Where
/// words run out before nine tenths of the length are filled, that is the error: a sample of half
/// the length would pass for a whole one.
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
