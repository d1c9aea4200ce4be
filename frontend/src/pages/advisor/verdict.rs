//! What to do, why, what would change it, and what it rests on.

use fathom_shared::advise::{Advice, MissingEvidence, RuleOrigin, Verdict, VerdictReason};
use leptos::prelude::*;

use super::super::display;
use super::AdviceShown;
use crate::protocol::results::ShownFigure;

/// The verdict in a sentence, how certain it is, and what rules it out or speaks against it.
#[component]
pub(super) fn VerdictPanel(advised: AdviceShown) -> impl IntoView {
    let of = move |tell: fn(&Advice) -> String| {
        move || advised.with(|one| one.as_ref().map(|one| tell(&one.advice)))
    };
    let kind = move || {
        let none = advised.with(|one| {
            one.as_ref()
                .is_none_or(|one| one.advice.action == Verdict::Undecided)
        });
        if none { "open" } else { "told" }
    };
    view! {
        <section class="panel verdict" aria-labelledby="verdict-title" data-verdict=kind>
            <h2 id="verdict-title">"Verdict"</h2>
            <p class="sentence" role="status" aria-live="polite" aria-atomic="true" data-testid="verdict">{of(Advice::verdict)}</p>
            <p class="hint" data-testid="certainty">{of(Advice::sureness)}</p>
            {move || advised.with(|one| one.as_ref().map(|one| against(&one.advice)))}
            {move || advised.with(|one| one.as_ref().map(|one| paragraphs(one.advice.window_sentences())))}
            {move || advised.with(|one| one.as_ref().map(|one| out_of_reach(&one.advice)))}
        </section>
    }
}

/// Warnings that speak against the verdict are not left to who opens what is behind it.
fn against(advice: &Advice) -> Option<impl IntoView + use<>> {
    let lines = advice.warnings.iter().filter(|one| one.against);
    let lines: Vec<String> = lines.map(|one| one.reason.says.clone()).collect();
    (!lines.is_empty()).then(|| {
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> });
        view! {
            <h3>"What speaks against it"</h3>
            <ul class="against" data-testid="against">{lines.collect_view()}</ul>
        }
    })
}

fn paragraphs(told: Vec<String>) -> impl IntoView {
    let told = told
        .into_iter()
        .map(|one| view! { <p class="hint">{one}</p> });
    told.collect_view()
}

/// What the evidence asks for and cannot be done, with why.
fn out_of_reach(advice: &Advice) -> Option<impl IntoView + use<>> {
    let lines = advice.out_of_reach.iter();
    let lines = lines.map(|one| view! { <li><b>{one.step.name()}</b>": "{one.why.join(" ")}</li> });
    let lines = lines.collect_view();
    (!advice.out_of_reach.is_empty()).then(|| {
        view! {
            <h3>"Out of reach"</h3>
            <ul data-testid="out-of-reach">{lines}</ul>
        }
    })
}

/// Warnings that the evidence may be misleading, whatever the verdict is.
#[component]
pub(super) fn WarningsPanel(advised: AdviceShown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let warnings = &advised.advice.warnings;
        let lines = warnings.iter().map(|one| {
            let against = one.against.then_some("This speaks against the verdict.");
            reason(&one.reason, against.map(str::to_owned))
        });
        (!warnings.is_empty()).then(|| {
            view! {
                <section class="panel" aria-labelledby="warnings-title">
                    <h2 id="warnings-title">"Warnings"</h2>
                    <ul class="reasons" data-testid="warnings">{lines.collect_view()}</ul>
                </section>
            }
        })
    }
}

/// The rules that led to the verdict, and those that contradict it.
#[component]
pub(super) fn ReasonsPanel(advised: AdviceShown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let advice = &advised.advice;
        let reasons = advice
            .reasons
            .iter()
            .map(|one| reason(one, None))
            .collect_view();
        let none = advice
            .reasons
            .is_empty()
            .then(|| view! { <p class="hint">{advice.no_reason()}</p> });
        let title = match advice.action {
            Verdict::Undecided => "What the evidence says so far",
            _ => "Why",
        };
        let against = advice.contradictions.iter();
        let against = against
            .map(|one| reason(&one.reason, Some(one.would()).filter(|one| !one.is_empty())))
            .collect_view();
        let speaks = (!advice.contradictions.is_empty()).then(|| {
            view! {
                <h3>"What speaks against it"</h3>
                <ul class="reasons" data-testid="contradictions">{against}</ul>
            }
        });
        Some(view! {
            <section class="panel" aria-labelledby="why-title">
                <h2 id="why-title">{title}</h2>
                {none}
                <ul class="reasons" data-testid="reasons">{reasons}</ul>
                {speaks}
            </section>
        })
    }
}

fn reason(reason: &VerdictReason, against: Option<String>) -> impl IntoView + use<> {
    let (mark, of, section) = match reason.origin {
        RuleOrigin::Article => ("article", "article", format!("“{}”", reason.section)),
        RuleOrigin::Field => ("field", "research", reason.section.clone()),
    };
    let figures = reason.figures.join("; ");
    let figures = (!figures.is_empty()).then(|| view! { <span class="figures">{figures}</span> });
    let summary = match reason.measured.is_empty() {
        true => "Rule",
        false => "Figures with n, interval and source",
    };
    let measured = (!reason.measured.is_empty()).then(|| {
        let told = reason.measured.iter();
        let told = told.map(|one| view! { <li>{linked(&one.to_string())}</li> });
        view! { <ul>{told.collect_view()}</ul> }
    });
    let against = against.map(|one| view! { <span class="hint">{one}</span> });
    view! {
        <li data-decides=reason.decides.to_string()>
            <span>{reason.says.clone()}</span>
            {figures}
            <details class="measured">
                <summary>{summary}</summary>
                {measured}
                <p class="rule">"Rule: "<code>{reason.rule.clone()}</code></p>
            </details>
            {against}
            <span class="origin"><span class="mark" data-origin=mark>{of}</span><span>{linked(&section)}</span></span>
        </li>
    }
}

/// Text in which sources lead to themselves.
fn linked(text: &str) -> AnyView {
    let Some((before, rest)) = text.split_once("arXiv ") else {
        let at = [
            ("longbench2.github.io", "https://longbench2.github.io"),
            ("NVIDIA/RULER", "https://github.com/NVIDIA/RULER"),
        ];
        let found = at
            .into_iter()
            .find_map(|(name, href)| Some((text.split_once(name)?, name, href)));
        let Some(((before, after), name, href)) = found else {
            return text.to_owned().into_any();
        };
        return view! { {before.to_owned()} <a href=href rel="noreferrer">{name}</a> {after.to_owned()} }.into_any();
    };
    let end = rest
        .find(|one: char| !one.is_ascii_digit() && one != '.')
        .unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches('.');
    let after = linked(&rest[number.len()..]);
    let href = format!("https://arxiv.org/abs/{number}");
    view! { {before.to_owned()} <a href=href rel="noreferrer">{format!("arXiv {number}")}</a> {after} }.into_any()
}

/// What would change the verdict: figures near a threshold, and what is unknown.
#[component]
pub(super) fn SensitivityPanel(advised: AdviceShown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let advice = &advised.advice;
        let flip = (advice.action != Verdict::Undecided)
            .then(|| view! { <p data-testid="flip">{advice.nearest()}</p> });
        let uncertain = advice.unsettled.iter();
        let uncertain = uncertain
            .map(|one| view! { <li>{one.says()}</li> })
            .collect_view();
        let uncertain = (!advice.unsettled.is_empty()).then(|| {
            view! {
                <h3>"Uncertain: within the interval, the verdict changes"</h3>
                <ul data-testid="unsettled">{uncertain}</ul>
            }
        });
        let missing = advice.missing.iter().map(missing).collect_view();
        let lacks = (!advice.missing.is_empty()).then(|| {
            let first = advice.missing.first().map(MissingEvidence::says);
            view! {
                <h3>"What is unknown, cheapest to find out first"</h3>
                <p>{first}</p>
                <details>
                    <summary>{format!("Everything that is unknown ({})", advice.missing.len())}</summary>
                    <ul class="missing" data-testid="missing">{missing}</ul>
                </details>
            }
        });
        Some(view! {
            <section class="panel" aria-labelledby="changes-title">
                <h2 id="changes-title">"What would change it"</h2>
                {flip}
                {uncertain}
                {lacks}
            </section>
        })
    }
}

fn missing(missing: &MissingEvidence) -> impl IntoView + use<> {
    view! { <li>{missing.says()}</li> }
}

/// Every figure that the advice rests on, with n, interval and source.
#[component]
pub(super) fn Rests(advised: AdviceShown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let evidence = &advised.evidence;
        if evidence.unmeasured && advised.advice.sources.is_empty() {
            return None;
        }
        let lines = evidence.figures.iter().map(line).collect_view();
        let sources = advised.advice.sources.iter();
        let sources = sources.map(|one| view! { <li>{linked(one)}</li> });
        Some(view! {
            <section class="panel" aria-labelledby="rests-title">
                <h2 id="rests-title">"The evidence it rests on"</h2>
                <ul data-testid="sources">{sources.collect_view()}</ul>
                <details>
                    <summary>"All figures"</summary>
                    <div class="scroll" tabindex="0" role="region" aria-label="All figures">
                        <table data-testid="figures">
                            <thead><tr><th scope="col">"What"</th><th scope="col">"Percent"</th><th scope="col">"n"</th><th scope="col">"95% interval"</th></tr></thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                </details>
            </section>
        })
    }
}

fn line(figure: &ShownFigure) -> impl IntoView + use<> {
    let (what, n) = (figure.what.clone(), figure.n);
    let n = n.map_or_else(|| "not given".to_owned(), |n| display::count(n.into()));
    let ends = figure.ends.map_or_else(
        || "not given".to_owned(),
        |(low, high)| format!("{low:.1}–{high:.1}"),
    );
    view! { <tr><td>{what}</td><td>{format!("{:.1}", figure.value)}</td><td>{n}</td><td>{ends}</td></tr> }
}
