//! What to do, why, what would change it, and what it rests on.

use fathom_shared::advise::evidence::Figure;
use fathom_shared::advise::{Action, Advice, Missing, Origin, Reason, Step};
use leptos::prelude::*;

use super::super::words;
use super::Shown;

#[component]
pub(super) fn Verdict(advised: Shown) -> impl IntoView {
    let of = move |tell: fn(&Advice) -> String| {
        move || advised.with(|one| one.as_ref().map(|one| tell(&one.advice)))
    };
    let kind = move || {
        let none = advised.with(|one| {
            one.as_ref()
                .is_none_or(|one| one.advice.action == Action::NotEnough)
        });
        if none { "open" } else { "told" }
    };
    view! {
        <section class="panel verdict" aria-labelledby="verdict-title" data-verdict=kind>
            <h2 id="verdict-title">"Verdict"</h2>
            <p class="sentence" role="status" aria-live="polite" aria-atomic="true" data-testid="verdict">{of(Advice::verdict)}</p>
            <p class="hint" data-testid="certainty">{of(certainty)}</p>
            <p class="hint">{of(holds)}</p>
        </section>
    }
}

/// What the percentage means.
fn certainty(advice: &Advice) -> String {
    let certainty = advice.certainty;
    if advice.action == Action::NotEnough {
        return "No rule that decides fires on what is known, so there is no certainty to tell."
            .to_owned();
    }
    let draws = words::count(certainty.draws.into());
    format!(
        "Every figure was drawn {draws} times from its interval: {} of {draws} draws give this verdict. With what is missing drawn as bad or as good as it can be, {} do. It says nothing of whether the rules are right.",
        words::count((certainty.measured * f64::from(certainty.draws)).round() as u64),
        words::count((certainty.share * f64::from(certainty.draws)).round() as u64),
    )
}

fn holds(advice: &Advice) -> String {
    match advice.holds_to.filter(|_| advice.path.is_some()) {
        Some(length) => format!(
            "RULER shows it to read well up to {length:#} tokens; texts cut to that, or passages found first, need no other model."
        ),
        None => String::new(),
    }
}

/// What is told whatever the verdict is: that the evidence is not what it seems.
#[component]
pub(super) fn Warnings(advised: Shown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let warnings = &advised.advice.warnings;
        let lines = warnings.iter().map(|one| {
            let against = one.against.then_some("It speaks against this verdict.");
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

#[component]
pub(super) fn Why(advised: Shown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let advice = &advised.advice;
        let reasons = advice
            .reasons
            .iter()
            .map(|one| reason(one, None))
            .collect_view();
        let none = advice.reasons.is_empty().then(
            || view! { <p class="hint">"No rule that decides fired: what they ask for is not known."</p> },
        );
        let against = advice.contradictions.iter();
        let against = against
            .map(|one| reason(&one.reason, would(&one.instead)))
            .collect_view();
        let speaks = (!advice.contradictions.is_empty()).then(|| {
            view! {
                <h3>"What speaks against it"</h3>
                <ul class="reasons" data-testid="contradictions">{against}</ul>
            }
        });
        Some(view! {
            <section class="panel" aria-labelledby="why-title">
                <h2 id="why-title">"Why"</h2>
                {none}
                <ul class="reasons" data-testid="reasons">{reasons}</ul>
                {speaks}
            </section>
        })
    }
}

fn would(steps: &[Step]) -> Option<String> {
    let names: Vec<_> = steps.iter().map(|step| step.name()).collect();
    (!names.is_empty()).then(|| format!("It would: {}.", names.join(", or ")))
}

fn reason(reason: &Reason, against: Option<String>) -> impl IntoView + use<> {
    let (mark, section) = match reason.origin {
        Origin::Article => ("article", format!("“{}”", reason.section)),
        Origin::Field => ("field", reason.section.clone()),
    };
    let figures = reason.figures.join("; ");
    let figures = (!figures.is_empty()).then(|| view! { <span class="figures">{figures}</span> });
    let measured = (!reason.measured.is_empty()).then(|| {
        let told = reason.measured.iter();
        let told = told.map(|one| view! { <li>{linked(&one.to_string())}</li> });
        view! {
            <details class="measured">
                <summary>"With n, interval and source"</summary>
                <ul>{told.collect_view()}</ul>
            </details>
        }
    });
    let against = against.map(|one| view! { <span class="hint">{one}</span> });
    view! {
        <li data-decides=reason.decides.to_string()>
            <span>{reason.says.clone()}</span>
            {figures}
            {measured}
            {against}
            <span class="origin"><span class="mark" data-origin=mark>{mark}</span>{linked(&section)}<code>{reason.rule.clone()}</code></span>
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

#[component]
pub(super) fn Changes(advised: Shown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let advice = &advised.advice;
        let flip = match &advice.flip {
            Some(flip) => format!(
                "Nearest: {} from {:.1} to {:.1} makes it “{}”.",
                flip.what,
                flip.from,
                flip.to,
                named(flip.verdict)
            ),
            None => "No change of one figure alone changes it.".to_owned(),
        };
        let missing = advice.missing.iter().map(missing).collect_view();
        let lacks = (!advice.missing.is_empty()).then(|| {
            view! {
                <h3>"Not known, cheapest to find out first"</h3>
                <ul class="missing" data-testid="missing">{missing}</ul>
            }
        });
        Some(view! {
            <section class="panel" aria-labelledby="changes-title">
                <h2 id="changes-title">"What would change it"</h2>
                <p data-testid="flip">{flip}</p>
                {lacks}
                <h3>"Next"</h3>
                <p data-testid="next">{advice.next.what.clone()} "; " {advice.next.why.clone()} "."</p>
            </section>
        })
    }
}

fn named(step: Option<Step>) -> &'static str {
    step.map_or("not enough evidence", Step::name)
}

fn missing(missing: &Missing) -> impl IntoView + use<> {
    let outcomes = missing.outcomes.iter().map(|one| {
        let possible: Vec<_> = one.possible.iter().map(|step| step.name()).collect();
        let possible = format!("possible: {}", possible.join(", "));
        view! { <li>{one.given.clone()} ": " <b>{named(one.verdict)}</b> " " <span class="hint">{possible}</span></li> }
    });
    view! {
        <li><details><summary>{missing.what.clone()}</summary><ul>{outcomes.collect_view()}</ul></details></li>
    }
}

/// Every figure with n and interval, and where it comes from.
#[component]
pub(super) fn Rests(advised: Shown) -> impl IntoView {
    move || {
        let advised = advised.get()?;
        let evidence = &advised.evidence;
        if evidence.is_unmeasured() && advised.advice.sources.is_empty() {
            return None;
        }
        let lines = evidence.figures().into_iter();
        let lines = lines
            .map(|(what, figure)| line(what, &figure))
            .collect_view();
        let sources = advised.advice.sources.iter();
        let sources = sources.map(|one| view! { <li>{linked(one)}</li> });
        Some(view! {
            <section class="panel" aria-labelledby="rests-title">
                <h2 id="rests-title">"What it rests on"</h2>
                <ul data-testid="sources">{sources.collect_view()}</ul>
                <details>
                    <summary>"Every figure"</summary>
                    <div class="scroll" tabindex="0" role="region" aria-label="Every figure">
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

fn line(what: String, figure: &Figure) -> impl IntoView + use<> {
    let n = figure.n;
    let n = n.map_or_else(|| "not told".to_owned(), |n| words::count(n.into()));
    let ends = figure.ends().map_or_else(
        || "not told".to_owned(),
        |(low, high)| format!("{low:.1}–{high:.1}"),
    );
    view! { <tr><td>{what}</td><td>{format!("{:.1}", figure.value)}</td><td>{n}</td><td>{ends}</td></tr> }
}
