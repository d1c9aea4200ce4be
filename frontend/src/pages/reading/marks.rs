//! What is marked in a prompt. Pure.

use fathom_shared::prompt::Prompt;
use fathom_shared::task::Sample;

use super::example::example;
use crate::ui::strip::{StripLine, kind};
use crate::ui::text_viewer::{TextMark, layered};

/// The parts of a prompt that are shown in their own way, in order and apart.
pub(super) fn marks(sample: &Sample, prompt: &Prompt) -> Vec<TextMark> {
    let around = |bytes, kind, says: &str| TextMark {
        bytes,
        kind,
        says: says.to_owned(),
        piece: None,
    };
    let template = "The model's chat template";
    let mut marks = vec![around(0..prompt.input.start, "template", template)];
    let mut end = prompt.input.start;
    for (number, piece) in sample.evidence.iter().enumerate() {
        let bytes = prompt.input.start + piece.bytes.start..prompt.input.start + piece.bytes.end;
        if bytes.start >= end {
            end = bytes.end;
            marks.push(TextMark {
                bytes,
                kind: kind(piece),
                says: piece.label.clone(),
                piece: Some(number),
            });
        }
    }
    let (after, prefix) = (prompt.input.end..prompt.prefix.start, prompt.prefix.clone());
    marks.push(around(after, "template", template));
    let says = "The answer prefix: the model continues from here";
    marks.push(around(prefix, "prefix", says));
    marks.retain(|mark| !mark.bytes.is_empty());
    let shown = example(sample).map(|bytes| {
        let bytes = prompt.input.start + bytes.start..prompt.input.start + bytes.end;
        let says = "A worked example: it shows how to answer and is not part of the question";
        around(bytes, "example", says)
    });
    layered(&[shown.into_iter().collect(), marks])
}

/// The kinds that a legend explains: those on the line, what only some texts have, then what is
/// around every sample.
pub(super) fn kinds(line: &StripLine, marks: &[TextMark]) -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = Vec::new();
    for bin in &line.bins {
        if !kinds.contains(&bin.kind) {
            kinds.push(bin.kind);
        }
    }
    kinds.sort_by_key(|kind| *kind == "other");
    let there = |kind: &&str| marks.iter().any(|mark| mark.kind == *kind);
    kinds.extend(["example", "right", "wrong"].into_iter().filter(there));
    kinds.extend(["template", "prefix"]);
    kinds
}

/// What a legend calls a kind.
pub(super) fn name(kind: &str) -> &'static str {
    match kind {
        "needle" => "needle",
        "hop" => "hop",
        "document" => "document with the answer",
        "word" => "counted word",
        "template" => "chat template",
        "prefix" => "answer prefix",
        "example" => "worked example",
        "right" => "in the answer, expected",
        "wrong" => "in the answer, not expected",
        _ => "distractor",
    }
}

/// The piece after or before `piece` of `count`, round and round.
pub(in super::super) fn step(piece: Option<usize>, count: usize, forward: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match (piece, forward) {
        (None, true) => 0,
        (None, false) => last,
        (Some(at), true) if at >= last => 0,
        (Some(at), true) => at + 1,
        (Some(0), false) => last,
        (Some(at), false) => (at - 1).min(last),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_round() {
        assert_eq!(step(None, 0, true), None);
        assert_eq!(step(Some(3), 0, false), None);
        assert_eq!(step(None, 3, true), Some(0));
        assert_eq!(step(None, 3, false), Some(2));
        assert_eq!(step(Some(2), 3, true), Some(0));
        assert_eq!(step(Some(0), 3, false), Some(2));
        assert_eq!(step(Some(9), 3, false), Some(2));
        assert_eq!(step(Some(1), 3, true), Some(2));
    }

    #[test]
    fn a_legend_explains_what_is_there() {
        assert_eq!(kinds(&StripLine::default(), &[]), ["template", "prefix"]);
        let mark = |kind| TextMark {
            bytes: 0..1,
            kind,
            says: String::new(),
            piece: None,
        };
        let got = kinds(&StripLine::default(), &[mark("wrong"), mark("example")]);
        assert_eq!(got, ["example", "wrong", "template", "prefix"]);
    }
}
