//! The server's runs.

use fathom_shared::api::RunView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::ask::Ask;
use crate::client;

/// The page.
#[component]
pub(crate) fn Runs() -> impl IntoView {
    let runs = RwSignal::new(None::<Result<Vec<RunView>, client::ClientError>>);
    let look = move || {
        spawn_local(async move {
            let got = client::runs().await;
            runs.try_set(Some(got));
        });
    };
    look();
    view! {
        <section class="panel">
            <h1>"Runs"</h1>
            <p class="hint">"What this server was asked, newest first. Scores are out of 100, with their 95% interval and the number of answered samples."</p>
            <button on:click=move |_| look()>"Look again"</button>
            {move || match runs.get() {
                None => view! { <p role="status">"Looking…"</p> }.into_any(),
                Some(Err(error)) => view! { <p class="note" role="status">{error.message().to_owned()}</p> }.into_any(),
                Some(Ok(runs)) if runs.is_empty() => view! {
                    <p class="note">"No runs yet. " <A href="/">"Build a sample and run it on the server."</A></p>
                }
                .into_any(),
                Some(Ok(runs)) => view! { <div class="scroll"><table data-testid="runs">
                    <thead><tr>
                        <th scope="col">"Run"</th><th scope="col">"Task"</th><th scope="col">"Length"</th>
                        <th scope="col">"Model"</th><th scope="col">"Status"</th>
                        <th scope="col">"Answered"</th><th scope="col">"Score"</th>
                    </tr></thead>
                    <tbody>{runs.into_iter().map(row).collect_view()}</tbody>
                </table></div> }
                .into_any(),
            }}
        </section>
    }
}

fn row(run: RunView) -> impl IntoView {
    let link = format!("/{}", Ask::of_run(run.id, &run.order).to_query());
    let answered = format!("{} of {}", run.summary.answered, run.summary.asked);
    view! {
        <tr>
            <td><A href=link>{run.id}</A></td>
            <td class="mono">{run.order.spec.task}</td>
            <td>{run.order.spec.max_seq_length.to_string()}</td>
            <td>{run.order.model}</td>
            <td data-state=run.status.as_str()>{run.status.as_str()}</td>
            <td>{answered}</td>
            <td>{run.summary.to_string()}</td>
        </tr>
    }
}
