//! Gathers the evidence from all sources and asks the advisor. Pure.

use fathom_shared::advise::costs::hardware;
use fathom_shared::advise::{Evidence, advise, decision_map};
use fathom_shared::results::ResultSet;

use crate::protocol::results::{
    AdviceFiles, AdvisorAnswer, AdvisorQuestion, ShownEvidence, ShownFigure,
};

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
    let map = decision_map(&evidence, &question.thresholds);
    let files = AdviceFiles {
        markdown: advice.markdown(),
        json: advice.json(),
    };
    Ok(AdvisorAnswer {
        advice,
        files,
        map,
        evidence: shown(evidence),
    })
}

fn shown(evidence: Evidence) -> ShownEvidence {
    let figures = evidence.figures().into_iter();
    let figures = figures.map(|(what, figure)| ShownFigure {
        what,
        value: figure.value,
        n: figure.n,
        ends: figure.ends(),
    });
    ShownEvidence {
        unmeasured: evidence.is_unmeasured(),
        figures: figures.collect(),
        target: evidence.target(),
        hardware: hardware().to_vec(),
        published: Evidence::published_names(),
        name: evidence.name,
        model: evidence.model,
        model_by: evidence.model_by,
    }
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
        assert!(told.evidence.figures.len() >= 9);
        let published = &told.evidence.published;
        assert!(published.iter().any(|name| name == "Llama3.1 8B"));
        assert!(told.advice.verdict().contains("mine"));
        assert_eq!(told.files.markdown, told.advice.markdown());
        assert_eq!(told.files.json, told.advice.json());
        let map = told.map.unwrap();
        assert!(map.placed && map.says.contains("mine"), "{}", map.says);
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
        assert_eq!(told.map, None, "no length is known");
        question.typed.human = Some(PercentFigure::new(140.0, 5));
        let fault = advised(&question, &[]).unwrap_err();
        assert!(fault.contains("human") && fault.contains("140"), "{fault}");
    }
}
