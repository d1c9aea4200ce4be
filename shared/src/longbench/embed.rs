//! Picks chunks of a text by embeddings from an external provider.

use std::fmt;

use super::bm25::{self, RankedChunk};

/// Turns texts into embeddings.
pub trait Embedder: fmt::Debug + Send + Sync {
    /// A description for people: the model and its location.
    fn name(&self) -> String;
    /// One vector per text, all of the same length. Blocks.
    ///
    /// # Errors
    /// A sentence that says why: the provider cannot be reached, or returns something else.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String>;
}

/// The `top` chunks of `text` closest to `query`, in the order of the text, with their similarity
/// as score. The chunks are those of [`bm25::best`]; on a tie, the earlier chunk wins.
///
/// # Formula
/// Cosine similarity: `a·b / (|a|·|b|)`, in f64; 0 if a vector is zero.
///
/// # Errors
/// The error of `embed`, or a message that its vectors do not match.
pub fn closest(
    text: &str,
    query: &str,
    top: usize,
    embed: &dyn Embedder,
) -> Result<Vec<RankedChunk>, String> {
    let places = bm25::pieces(text);
    let mut texts: Vec<&str> = places.iter().map(|bytes| &text[bytes.clone()]).collect();
    texts.push(query);
    let mut vectors = embed.embed(&texts)?;
    let (got, expected) = (vectors.len(), texts.len());
    if got != expected {
        return Err(format!("got {got} embeddings, expected {expected}"));
    }
    let of_query = vectors.pop().unwrap_or_default();
    if let Some(odd) = vectors.iter().find(|v| v.len() != of_query.len()) {
        let (got, expected) = (odd.len(), of_query.len());
        return Err(format!(
            "got embeddings of {got} and of {expected} numbers, expected all of one length"
        ));
    }
    let scored = places.into_iter().zip(&vectors).enumerate();
    let mut pieces: Vec<RankedChunk> = scored
        .map(|(number, (bytes, vector))| RankedChunk {
            number,
            bytes,
            score: cosine(vector, &of_query),
        })
        .collect();
    pieces.sort_by(|a, b| b.score.total_cmp(&a.score));
    pieces.truncate(top);
    pieces.sort_by_key(|piece| piece.number);
    Ok(pieces)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let size = (dot(a, a) * dot(b, b)).sqrt();
    if size > 0.0 { dot(a, b) / size } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the letters a, b and c in a text.
    #[derive(Debug)]
    struct LetterEmbedder(usize);

    impl Embedder for LetterEmbedder {
        fn name(&self) -> String {
            "letters".to_owned()
        }
        fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
            let count = |text: &&str| {
                let letters = ["a", "b", "c"].map(|letter| text.matches(letter).count() as f32);
                letters.to_vec()
            };
            Ok(texts.iter().map(count).take(self.0).collect())
        }
    }

    #[test]
    fn the_closest_pieces_come_in_the_order_of_the_text() {
        let piece = |word: &str| format!("{}\n", format!("{word} ").repeat(399));
        let text = ["b", "a", "c", "ab"].map(piece).concat();
        let best = closest(&text, "a a a", 2, &LetterEmbedder(99)).unwrap();
        let got: Vec<_> = best
            .iter()
            .map(|piece| (piece.number, piece.score))
            .collect();
        assert_eq!(got[0], (1, 1.0));
        assert_eq!(got[1].0, 3);
        assert!((got[1].1 - 0.5_f64.sqrt()).abs() < 1e-6, "{got:?}");
        let none = closest(&text, "xyz", 1, &LetterEmbedder(99)).unwrap();
        assert_eq!((none[0].number, none[0].score), (0, 0.0));
        let few = closest(&text, "a", 1, &LetterEmbedder(3)).unwrap_err();
        assert_eq!(few, "got 3 embeddings, expected 5");
    }
}
