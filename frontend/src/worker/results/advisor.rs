//! Evidence from everywhere, and what the advisor says to it. Pure.

use fathom_shared::advise::{Evidence, advise};
use fathom_shared::results::ResultSet;

use crate::protocol::results::{AdvisorAnswer, AdvisorQuestion};

/// Advises on what was typed in, then `sets`, then what is published, as `fathom advise` does.
pub(super) fn advised(
    question: &AdvisorQuestion,
    sets: &[&ResultSet],
) -> Result<AdvisorAnswer, String> {
    let mut evidence = question.typed.clone();
    for set in sets {
        let mut measured = Evidence::default();
        measured.add_results(set);
        evidence.add(measured);
    }
    if let Some(name) = &question.published {
        let published = Evidence::published(name).map_err(|error| format!("{error}."))?;
        evidence.add(published);
    }
    evidence.check().map_err(|error| format!("{error}."))?;
    let advice = advise(&evidence, &question.thresholds);
    Ok(AdvisorAnswer { advice, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::advise::evidence::{PercentFigure, Workload};
    use fathom_shared::advise::{Thresholds, Verdict};

    #[test]
    fn what_was_typed_in_goes_before_what_is_published() {
        let mut question = AdvisorQuestion {
            published: Some("Llama3.1 8B".to_owned()),
            thresholds: Thresholds {
                draws: 20,
                ..Thresholds::default()
            },
            ..AdvisorQuestion::default()
        };
        question.typed.workload = Some(Workload::DocumentLookup);
        question.typed.name = "mine".to_owned();
        let told = advised(&question, &[]).unwrap();
        assert_eq!(told.evidence.name, "mine");
        assert_eq!(told.evidence.ruler.len(), 9);
        assert!(told.advice.verdict().contains("mine"));
    }

    #[test]
    fn evidence_that_cannot_be_is_a_sentence_and_none_at_all_is_no_verdict() {
        let mut question = AdvisorQuestion {
            published: Some("no such model".to_owned()),
            ..AdvisorQuestion::default()
        };
        let fault = advised(&question, &[]).unwrap_err();
        assert!(fault.contains("no such model"), "{fault}");
        question.published = None;
        let told = advised(&question, &[]).unwrap();
        assert_eq!(told.advice.action, Verdict::Undecided);
        question.typed.human = Some(PercentFigure::new(140.0, 5));
        let fault = advised(&question, &[]).unwrap_err();
        assert!(fault.contains("human") && fault.contains("140"), "{fault}");
    }
}
