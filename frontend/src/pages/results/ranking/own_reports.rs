//! One's own sets as reports among the published ones. Pure.

use fathom_shared::published::ParameterCount;
use fathom_shared::published::ranking::{ModelReport, ReportedScore, ScorePart};
use fathom_shared::results::ResultOrigin;

use super::super::figures::{name, source};
use crate::protocol::results::{GroupBy, LongBenchDigest, ResultDigest};

/// What a set comes to, as a report; nothing where it has neither RULER nor LongBench v2.
pub(super) fn own(digest: &ResultDigest) -> Option<ModelReport> {
    let means = digest.means.iter().filter_map(|at| {
        let score = ReportedScore {
            share: at.sum.mean?,
            n: Some(at.sum.n),
            interval: at.sum.interval,
            part: ScorePart::of_tasks(at.tasks),
        };
        Some((at.length, score))
    });
    let ruler: Vec<_> = means.collect();
    let asked = asked(digest);
    let longbench = asked.and_then(|(_, asked)| {
        let all = asked.groups.iter();
        let all = all
            .filter(|group| group.by == GroupBy::Overall)
            .max_by_key(|group| group.n)?;
        Some(ReportedScore {
            share: all.share,
            n: Some(all.n),
            interval: Some(all.interval),
            part: ScorePart::of_questions(all.n),
        })
    });
    if ruler.is_empty() && longbench.is_none() {
        return None;
    }
    let setting = match asked {
        Some((way, _)) => format!("yours; LongBench v2 {way}"),
        None => "own".to_owned(),
    };
    let window = match digest.about.origin {
        ResultOrigin::Run { window, .. } | ResultOrigin::PageRun { window, .. } => window,
        ResultOrigin::File { .. } | ResultOrigin::Page => None,
    };
    Some(ModelReport {
        // Commas part the names in the address.
        id: digest.key.replace(',', "~"),
        model: name(digest),
        own: true,
        reporter: "you".to_owned(),
        setting,
        size: ParameterCount::of_name(&digest.about.model),
        window,
        source: source(digest),
        ruler,
        joined: None,
        longbench,
    })
}

/// How LongBench v2 was asked: with a chain of thought where that is there, as the leaderboard is
/// ordered, else directly.
fn asked(digest: &ResultDigest) -> Option<(&'static str, &LongBenchDigest)> {
    let find = |variant: &str| {
        digest
            .questions
            .iter()
            .find(|asked| asked.variant == variant)
    };
    let thought = find("setting=cot").map(|asked| ("with a chain of thought", asked));
    thought.or_else(|| find("").map(|asked| ("direct", asked)))
}

#[cfg(test)]
mod tests {
    use fathom_shared::published::ranking::{RankedBenchmark, conclusion, ranked, reports};
    use fathom_shared::tokens::Tokens;

    use super::super::super::figures::tests::digest_of;
    use super::*;

    #[test]
    fn own_sets_stand_among_the_published_with_their_tasks() {
        let report = own(&digest_of("mine", 30)).unwrap();
        assert!(report.own && report.id == digest_of("mine", 30).key);
        let at = Tokens(4096);
        let score = report.at(at).unwrap();
        assert_eq!((score.share, score.is_whole()), (0.75, false));
        assert!(score.told().ends_with("2 of 13 tasks)"), "{}", score.told());
        assert_eq!(
            report.setting,
            "yours; LongBench v2 with a chain of thought"
        );
        let questions = report.longbench.unwrap();
        assert_eq!(questions.share, 0.5);
        let part = questions.part.map(|part| part.to_string());
        assert_eq!(part.as_deref(), Some("60 of 503 questions"));

        let mut all = reports();
        let before = conclusion(
            &ranked(&all, RankedBenchmark::Ruler, at),
            RankedBenchmark::Ruler,
            at,
        );
        all.push(report);
        let rows = ranked(&all, RankedBenchmark::Ruler, at);
        let mine = rows.iter().find(|row| row.report.own).unwrap();
        assert_eq!(mine.rank, None);
        // A mean of two tasks is never the deepest.
        assert_eq!(conclusion(&rows, RankedBenchmark::Ruler, at), before);
    }

    #[test]
    fn a_set_without_figures_has_no_row() {
        let mut empty = (*digest_of("mine", 30)).clone();
        empty.means.clear();
        empty.questions.clear();
        assert_eq!(own(&empty), None);
    }
}
