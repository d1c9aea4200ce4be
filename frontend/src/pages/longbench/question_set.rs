//! Whose questions are shown, and a file of one's own.

use fathom_shared::published::longbench::LeaderboardColumn;
use leptos::prelude::*;

use super::super::display;
use super::SetLongBenchQuery;
use super::model::LongBenchQuery;
use crate::state::library::{QuestionLibrary, QuestionOrigin};
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;
use crate::ui::files::{DropPanel, FileButton, first};

/// Which question set is shown, and the buttons that choose another.
#[component]
pub(super) fn QuestionSetPanel(
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let (library, server): (QuestionLibrary, ServerState) = (expect_context(), expect_context());
    let shown = move || library.set.with(|set| set.as_ref().map(|set| set.0));
    let choose = move |origin: QuestionOrigin| {
        let look = look.get_untracked();
        set_look.run(look.open(origin, None));
    };
    let take = first(move |file| {
        // Where the address already asks for a file, this is the one, with its open question.
        let awaited = look.with_untracked(|look| look.from == Some(QuestionOrigin::File));
        let known = library.set.with_untracked(Option::is_some);
        library.open(&file);
        if known || !awaited {
            choose(QuestionOrigin::File);
        }
    });
    let chosen = move || look.get().from.or_else(shown);
    let told = move || {
        library.set.with(|set| {
            let (_, set) = set.as_ref()?;
            let n = set.cards.len() as u64;
            let mean = set
                .cards
                .iter()
                .map(|card| u64::from(card.words))
                .sum::<u64>()
                / n.max(1);
            let longest = set.cards.iter().map(|card| card.words).max();
            // What comes with the page is named by its own sentence below.
            let name = match set.source.bundled {
                true => String::new(),
                false => format!("{}: ", set.source.name),
            };
            Some(format!(
                "{name}{}, {} words on average, {} at most.",
                display::some(n, "question"),
                display::count(mean),
                display::count(longest.unwrap_or_default().into())
            ))
        })
    };
    let stand_in = move || {
        library.set.with(|set| {
            let (_, set) = set.as_ref()?;
            set.source.bundled.then(|| {
                let all = LeaderboardColumn::Overall.questions();
                view! {
                    <p>
                        <em class="stand-in" data-testid="stand-in">"Fathom samples, not LongBench v2"</em>
                        {format!(" Twenty-four questions about invented texts in the dataset's six domains. To use the dataset's own {all}, run ")}
                        <code>"fathom data fetch longbench-v2"</code>
                        " on the server, or drop its "<code>"data.json"</code>" here."
                    </p>
                }
            })
        })
    };
    let progress = move || library.reader.progress.get();
    let reading = move || library.busy.get() && chosen() == Some(QuestionOrigin::File);
    let faults = move || {
        library.fault.get().map(|fault| {
            let lines = fault.lines().map(|line| view! { <li>{coded(line)}</li> });
            view! { <ul class="fault faults" role="alert" data-testid="shelf-fault">{lines.collect_view()}</ul> }
        })
    };
    view! {
        <DropPanel class="shelf" titled="shelf-title" take>
            <div class="head">
                <h1 id="shelf-title">"LongBench v2"</h1>
                <p class="hint" data-testid="shelf" data-from=move || shown().map(QuestionOrigin::name) data-busy=move || library.busy.get().to_string()>{told}</p>
            </div>
            {stand_in}
            <div class="inline" role="group" aria-label="Question source">
                <button
                    aria-pressed=move || (chosen() == Some(QuestionOrigin::Samples)).to_string()
                    data-testid="from-samples"
                    on:click=move |_| choose(QuestionOrigin::Samples)
                >
                    "Fathom's samples"
                </button>
                <button
                    aria-pressed=move || (chosen() == Some(QuestionOrigin::Server)).to_string()
                    data-testid="from-server"
                    disabled=move || !server.is_up()
                    on:click=move |_| choose(QuestionOrigin::Server)
                >
                    "The server's file"
                </button>
                <FileButton label="Choose a file…" id="questions-file" accept=".json,.jsonl" take
                    primary=Signal::derive(move || chosen() == Some(QuestionOrigin::File)) />
                <span class="hint">"Or drop a file here: the dataset's data.json, or your own questions in its format. The file stays in this browser."</span>
            </div>
            <Show when=reading>
                <div class="inline" role="status">
                    <progress
                        prop:value=move || progress().map(|(done, of)| done as f64 / of.max(1) as f64)
                        max="1"
                        aria-label="Reading the file"
                    ></progress>
                    <button class="quiet" data-testid="stop-file" on:click=move |_| library.stop()>"Stop"</button>
                    {move || progress().map(|(done, of)| view! {
                        <span class="hint">{format!("{} of {} checked", display::bytes(done), display::bytes(of))}</span>
                    })}
                </div>
            </Show>
            <Show when=move || chosen() == Some(QuestionOrigin::File) && !library.busy.get() && shown().is_none() && library.fault.with(Option::is_none)>
                <p class="note">"This link refers to a file on your computer. Choose the file again."</p>
            </Show>
            {faults}
        </DropPanel>
    }
}
