//! How RULER finds the size of a haystack: bisection between one step and three times an
//! estimate, then, for each sample, one step less until it fits.

use crate::task::GenerateError;
use crate::tokens::Tokens;

/// How often a sample at its smallest size is drawn again before the fit is given up. The
/// original draws for ever; a redraw changes a length by a few tokens, so what does not come
/// within reach in this many draws will not.
const DRAWS_AT_FLOOR: u32 = 64;

/// The largest size that `length_of` finds within `most`, searched as the original does; the
/// step itself where none fits.
///
/// `length_of` draws random numbers, so the sizes it is asked for, and their order, matter.
///
/// # Formula
/// Upper bound: `max(3 · most · step / length(step), 2 · step)`, the division in double precision
/// and truncated. `probe` is the text's length alone, `length_of` adds the room for the answer.
///
/// # Errors
/// What `probe` and `length_of` return: there the original program ends.
pub fn search(
    step: usize,
    most: Tokens,
    mut probe: impl FnMut(usize) -> Result<Tokens, GenerateError>,
    reserved: Tokens,
) -> Result<usize, GenerateError> {
    let per_unit = f64::from(probe(step)?.0) / step as f64;
    let estimate = (f64::from(most.0) / per_unit * 3.0) as usize;
    let (mut low, mut high) = (step, estimate.max(step * 2));
    let mut best = None;
    while low <= high {
        let middle = usize::midpoint(low, high);
        if probe(middle)?.0 + reserved.0 <= most.0 {
            best = Some(middle);
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    Ok(best.unwrap_or(step))
}

/// Draws a sample at `size`, then at one step less as long as it is too long or `draw` asks for
/// another try.
///
/// # Errors
/// [`GenerateError::DoesNotFit`] with the least length seen, once the smallest size has been
/// drawn often enough; the original never ends there.
pub fn settle<T>(
    task: &str,
    size: usize,
    step: usize,
    most: Tokens,
    asked: Tokens,
    mut draw: impl FnMut(usize) -> Option<(T, Tokens)>,
) -> Result<(T, Tokens), GenerateError> {
    let (mut used, mut least, mut at_floor) = (size, None::<Tokens>, 0);
    loop {
        if let Some((sample, length)) = draw(used) {
            if length <= most {
                return Ok((sample, length));
            }
            least = Some(least.map_or(length, |seen| seen.min(length)));
        }
        if used > step {
            used -= step;
            continue;
        }
        at_floor += 1;
        if at_floor >= DRAWS_AT_FLOOR {
            // What the template of a model takes is part of what is needed.
            let aside = asked.0.saturating_sub(most.0);
            let needed = Tokens(least.unwrap_or(most).0 + aside);
            return Err(GenerateError::DoesNotFit {
                task: task.to_owned(),
                got: asked,
                needed,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_largest_that_fits() {
        let size = search(
            25,
            Tokens(1000),
            |n| Ok(Tokens(7 * n as u32 + 40)),
            Tokens(128),
        )
        .unwrap();
        assert_eq!(size, (1000 - 128 - 40) / 7);
    }

    #[test]
    fn steps_down_and_gives_up_with_a_figure() {
        let drawn = |n: usize| Some(((), Tokens(n as u32)));
        assert_eq!(
            settle("t", 23, 5, Tokens(14), Tokens(14), drawn).unwrap().1,
            Tokens(13)
        );
        let error = settle("t", 23, 5, Tokens(2), Tokens(4), drawn).unwrap_err();
        assert_eq!(
            error,
            GenerateError::DoesNotFit {
                task: "t".into(),
                got: Tokens(4),
                needed: Tokens(5)
            }
        );
    }
}
