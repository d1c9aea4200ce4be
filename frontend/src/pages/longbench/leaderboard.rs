//! The user's own answers compared with people, chance and the leaderboard.

use std::collections::{BTreeMap, BTreeSet};

use fathom_shared::longbench::{AnswerTally, AnswerVerdict, QuestionCard, QuestionGroup};
use fathom_shared::published::longbench::{
    LeaderboardColumn, LeaderboardLine, SOURCE, best_direct, best_reasoning, board, human,
};
use leptos::prelude::*;

use super::model::{LongBenchQuery, OutcomeSource, QuestionOutcome};
use super::outcomes::QuestionOutcomes;
use crate::protocol::{AnswerSetup, PageRunCall, QuestionAnswer};
use crate::state::engine::EngineState;
use crate::state::library::QuestionLibrary;
use crate::ui::bar::{ShareBar, ShareBars};
use crate::ui::coded_text::coded;

/// The share that guessing gets.
const CHANCE: f64 = 0.25;

/// What questions come to, group by group.
pub(super) fn tallies<'a>(
    cards: impl IntoIterator<Item = &'a QuestionCard>,
    fate: impl Fn(&QuestionCard) -> Option<AnswerVerdict>,
) -> BTreeMap<QuestionGroup, AnswerTally> {
    let mut groups = BTreeMap::<QuestionGroup, AnswerTally>::new();
    for card in cards {
        if let Some(verdict) = fate(card) {
            for group in QuestionGroup::of(card) {
                groups.entry(group).or_default().add(verdict);
            }
        }
    }
    groups
}

fn group(column: LeaderboardColumn) -> QuestionGroup {
    match column {
        LeaderboardColumn::Overall => QuestionGroup::Overall,
        LeaderboardColumn::Difficulty(difficulty) => QuestionGroup::Difficulty(difficulty),
        LeaderboardColumn::Length(length) => QuestionGroup::Length(length),
    }
}

fn column_name(column: LeaderboardColumn) -> String {
    match column {
        LeaderboardColumn::Overall => "all".to_owned(),
        LeaderboardColumn::Difficulty(difficulty) => difficulty.to_string(),
        LeaderboardColumn::Length(length) => length.to_string(),
    }
}

/// A row of the table: whose, and a bar for each column.
struct StandingRow {
    name: String,
    note: String,
    own: bool,
    bars: Vec<Option<ShareBar>>,
}

fn own_row(
    name: String,
    note: String,
    groups: &BTreeMap<QuestionGroup, AnswerTally>,
) -> StandingRow {
    let bar = |column: LeaderboardColumn| {
        let tally = groups.get(&group(column))?;
        let (share, interval) = tally.accuracy()?;
        Some(ShareBar {
            share,
            low: Some(interval.low),
            high: Some(interval.high),
            n: tally.asked,
        })
    };
    StandingRow {
        name,
        note,
        own: true,
        bars: LeaderboardColumn::ALL.map(bar).into(),
    }
}

fn published_row(name: &str, line: &LeaderboardLine, cot: bool) -> StandingRow {
    let bar = |column: LeaderboardColumn| {
        let interval = line.interval(column, cot);
        Some(ShareBar {
            share: line.share(column, cot)?,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            n: column.questions(),
        })
    };
    StandingRow {
        name: name.to_owned(),
        note: "published, LongBench v2".to_owned(),
        own: false,
        bars: LeaderboardColumn::ALL.map(bar).into(),
    }
}

/// The user's own scores beside the published ones, in total and by domain.
#[component]
pub(super) fn StandingPanel(
    look: Memo<LongBenchQuery>,
    fates: Memo<QuestionOutcomes>,
) -> impl IntoView {
    let (library, lab): (QuestionLibrary, EngineState) = (expect_context(), expect_context());
    let own = Memo::new(move |_| {
        let Some((_, set)) = library.set.get() else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let fates = fates.get();
        if matches!(look.get().by, OutcomeSource::Run { .. }) {
            let groups = tallies(&set.cards, |card| match fates.of(card) {
                QuestionOutcome::Right => Some(AnswerVerdict::Right),
                QuestionOutcome::Wrong => Some(AnswerVerdict::Wrong),
                QuestionOutcome::Failed => Some(AnswerVerdict::Failed),
                QuestionOutcome::Open => None,
            });
            rows.push((fates.of.clone(), groups));
        }
        lab.answers.with(|all| {
            let mut ways: Vec<(AnswerSetup, String)> = Vec::new();
            for record in all.iter().filter(|record| record.set == set.source.sha256) {
                let key = (record.way(), record.model.clone());
                if !ways.contains(&key) {
                    ways.push(key);
                }
            }
            ways.sort();
            for (way, model) in ways {
                let groups = tallies(&set.cards, |card| {
                    let mut mine = all.iter().rev();
                    let mine = mine.find(|record| {
                        record.is_about(&set.source.sha256, card, way) && record.model == model
                    });
                    mine.map(QuestionAnswer::verdict)
                });
                rows.push((format!("{model}, {way}, here"), groups));
            }
        });
        rows
    });
    let bundled = move || {
        library
            .set
            .with(|set| set.as_ref().is_some_and(|(_, set)| set.source.bundled))
    };
    let rows = move || {
        let note = if bundled() {
            "yours, on Fathom samples"
        } else {
            "own"
        };
        let own = own.get();
        let mut rows: Vec<StandingRow> = own
            .iter()
            .map(|(name, groups)| own_row(name.clone(), note.to_owned(), groups))
            .collect();
        rows.push(published_row("People, 15 minutes", &human(), false));
        rows.push(published_row(
            "GPT-4o 2024-08-06, direct",
            &best_direct(),
            false,
        ));
        rows.push(published_row("o1-preview", &best_reasoning(), true));
        rows
    };
    let domains = move || {
        let own = own.get();
        let rows = own.iter().flat_map(|(name, groups)| {
            let domains = groups.iter().filter_map(|(group, tally)| match group {
                QuestionGroup::Domain(domain) => Some((domain.clone(), *tally)),
                _ => None,
            });
            domains.map(|(domain, tally)| domain_row(name.clone(), domain, tally))
        });
        rows.collect_view()
    };
    let forget = move |_| {
        let set = library
            .set
            .with_untracked(|set| set.as_ref().map(|(_, set)| set.source.sha256.clone()));
        let runs: BTreeSet<i64> = lab.answers.with_untracked(|all| {
            let mine = all
                .iter()
                .filter(|answer| Some(&answer.set) == set.as_ref());
            mine.map(|answer| answer.run).collect()
        });
        for id in runs {
            lab.call(PageRunCall::Delete { id }, move |deleted| {
                lab.unkept.set(deleted.err());
            });
        }
    };
    let has_records = move || {
        let set = library
            .set
            .with(|set| set.as_ref().map(|(_, set)| set.source.sha256.clone()));
        lab.answers
            .with(|all| all.iter().any(|record| Some(&record.set) == set.as_ref()))
    };
    view! {
        <section class="panel standing" aria-labelledby="standing-title">
            <div class="head">
                <h2 id="standing-title">"Results"</h2>
                <p class="hint">"Percentage of correct answers; whiskers show 95% intervals (Wilson). A failure counts as wrong."</p>
            </div>
            <Show when=bundled>
                <p class="hint"><em class="stand-in">"Fathom samples, not LongBench v2"</em>" Your scores on these questions cannot be compared with the published ones; they only show how the benchmark works."</p>
            </Show>
            <div class="scroll" tabindex="0" role="region" aria-label="Own and published figures">
                <table class="standings" data-testid="standing">
                    <thead><tr>
                        <th scope="col">"Model"</th>
                        {LeaderboardColumn::ALL.map(|column| view! { <th scope="col">{column_name(column)}</th> }).into_iter().collect_view()}
                    </tr></thead>
                    <tbody>{move || rows().into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p class="hint">{format!("Chance is {:.0}%. Published figures: {SOURCE}; the intervals are ours, from the number of questions.", CHANCE * 100.0)}</p>
            <Show when=move || own.with(|own| !own.is_empty())>
                <h3>"By domain"</h3>
                <div class="scroll">
                    <table class="standings by-domain">
                        <thead><tr><th scope="col">"Model"</th><th scope="col">"Domain"</th><th scope="col">"Correct"</th><th scope="col">"Asked, answered, failed, without a letter"</th></tr></thead>
                        <tbody>{domains}</tbody>
                    </table>
                </div>
                <p class="hint">"The leaderboard has no figures by domain."</p>
            </Show>
            <details>
                <summary>"Full leaderboard"</summary>
                <div class="scroll"><Leaderboard /></div>
            </details>
            <Show when=has_records>
                <button class="quiet" data-testid="forget" on:click=forget>"Delete the answers stored in this browser"</button>
            </Show>
            {move || lab.unkept.get().map(|why| view! {
                <p class="fault" role="alert">{coded(&format!("The answers stored in this browser could not be changed: {why}"))}</p>
            })}
        </section>
    }
}

fn row(row: StandingRow) -> impl IntoView {
    let cell = |bar: Option<ShareBar>| view! { <td>{bar.map(|bar| view! { <ShareBars bar chance=CHANCE /> })}</td> };
    view! {
        <tr data-own=row.own.to_string()>
            <th scope="row">{row.name}<small>{row.note}</small></th>
            {row.bars.into_iter().map(cell).collect_view()}
        </tr>
    }
}

fn domain_row(name: String, domain: String, tally: AnswerTally) -> impl IntoView {
    let bar = tally.accuracy().map(|(share, interval)| ShareBar {
        share,
        low: Some(interval.low),
        high: Some(interval.high),
        n: tally.asked,
    });
    let counts = format!(
        "{}, {}, {}, {}",
        tally.asked,
        tally.answered(),
        tally.failed,
        tally.unparsed
    );
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{domain}</td>
            <td>{bar.map(|bar| view! { <ShareBars bar chance=CHANCE /> })}</td>
            <td>{counts}</td>
        </tr>
    }
}

/// The whole published leaderboard.
#[component]
fn Leaderboard() -> impl IntoView {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let figure = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    let line = |line: LeaderboardLine| {
        let cells = LeaderboardColumn::ALL.map(|column| {
            let (direct, cot) = (line.share(column, false), line.share(column, true));
            view! { <td class="number">{format!("{} / {}", figure(direct), figure(cot))}</td> }
        });
        view! {
            <tr>
                <th scope="row">{line.model}<small>{format!("{} {}", line.organisation, line.date)}</small></th>
                {cells.into_iter().collect_view()}
            </tr>
        }
    };
    view! {
        <table class="standings">
            <thead><tr>
                <th scope="col">"Direct / with a chain of thought"</th>
                {LeaderboardColumn::ALL.map(|column| view! { <th scope="col" class="number">{format!("{} (n = {})", column_name(column), column.questions())}</th> }).into_iter().collect_view()}
            </tr></thead>
            <tbody>{board().into_iter().map(line).collect_view()}</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::longbench::{Difficulty, LengthClass, bundled};

    use super::*;

    #[test]
    fn what_was_not_asked_is_in_no_group() {
        let set = bundled();
        let groups = tallies(set.cards(), |card| {
            (card.difficulty == Difficulty::Hard).then_some(AnswerVerdict::Failed)
        });
        let overall = groups[&QuestionGroup::Overall];
        assert_eq!((overall.asked, overall.failed), (12, 12));
        assert!(!groups.contains_key(&QuestionGroup::Difficulty(Difficulty::Easy)));
        assert_eq!(groups[&QuestionGroup::Length(LengthClass::Long)].asked, 6);
        let row = own_row(String::new(), String::new(), &groups);
        assert_eq!(row.bars[0].as_ref().unwrap().share, 0.0);
        assert!(row.bars[1].is_none());
    }
}
