//! The advisor page on a static host: a published model and a workload give a verdict, another
//! tolerance gives another one, the address contains all of it, and files give the same.

use super::driver::Page;
use super::static_host::static_files;

const FIX: &str = "The advice for Llama3.1 70B: use STRING, which needs no training: it raises RULER multi-hop tracing at 128K from 59.2 to 95.6";
const EXTEND: &str = "The advice for Jamba-1.5-mini 12B/52B: extend the window from 256K to";
const CONTINUE: &str = "The advice for Qwen3-30B-A3B 30B: try a position fix first; if RULER is still low at the target with it, continue pretraining on long documents.";

#[tokio::test(flavor = "multi_thread")]
async fn a_published_model_is_advised_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/advisor")).await;

    // Without any input: what is missing, above all the workload.
    page.click("clear-advisor").await;
    page.until_text("verdict", "measure more", 30).await;
    page.until_text("next", "what the model is for", 10).await;

    page.choose("model", "Llama3.1 70B").await;
    page.choose("for", "multi_document_synthesis").await;
    page.fill("target", "128K").await;
    page.choose("errors", "some_misses").await;
    page.until_text("verdict", FIX, 30).await;
    page.until_text("sources", "longbench2.github.io", 5).await;
    page.until_text("sources", "Claimed window: 128K tokens", 5)
        .await;

    // Texts longer than the window.
    page.choose("model", "Jamba-1.5-mini 12B/52B").await;
    page.fill("target", "1M").await;
    page.until_text("verdict", EXTEND, 30).await;
    page.until_text("certainty", "of 100 draws", 5).await;
    page.until_text("reasons", "steps.step_1_extend", 5).await;
    // With n, interval and source; the table's mean has 13 times 500 samples.
    page.until_text(
        "reasons",
        "RULER mean at 128K: 90.0, good: 85.6 or more (95% interval 89.2 to 90.7, n = 6,500",
        5,
    )
    .await;
    page.until_text("plan", "Validate: RULER at the target lengths.", 5)
        .await;
    page.until_text("cost-adapting", "“hundreds” of GPU-hours", 5)
        .await;

    // The table's model size gives a time, and a price gives a cost; typed values take precedence
    // over the table.
    page.until_text("cost-measuring", "of one H100", 20).await;
    page.until_text(
        "assumed",
        "12B active parameters of 52B, NVIDIA/RULER README",
        5,
    )
    .await;
    page.fill("price", "2").await;
    page.until_text("cost-adapting", "at $2 an hour", 10).await;
    page.fill("parameters", "8").await;
    page.fill("layers", "80").await;
    page.until_text("assumed", "8B parameters, 80 layers", 20)
        .await;
    page.until_text("assumed", "(typed in)", 5).await;

    // Another model gives another verdict, which survives a reload.
    page.choose("model", "Qwen3-30B-A3B 30B").await;
    page.fill("target", "128K").await;
    page.until_text("verdict", CONTINUE, 30).await;
    page.choose("errors", "some_misses").await;
    page.reload().await;
    page.until_text("verdict", CONTINUE, 30).await;
    let chosen = "['model', 'for', 'errors', 'target'].map(id =>
        document.querySelector(`[data-testid=${id}]`).value).join('|')";
    assert_eq!(
        page.ask::<String>(chosen).await.unwrap(),
        "Qwen3-30B-A3B 30B|multi_document_synthesis|some_misses|128K"
    );

    // A saved file contains what the page shows.
    page.keep_saved().await;
    let verdict = page.text("verdict").await;
    let markdown = page.save("save-markdown").await;
    assert!(markdown.contains(&format!("**{verdict}**")), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&page.save("save-json").await).unwrap();
    assert_eq!(json["action"]["do"], "continue_pretraining");

    // An invalid value is reported at its field, and ignored.
    page.fill("target", "far").await;
    page.until_text("target-fault", "Got far,", 10).await;
    page.fill("target", "128K").await;
    page.until_text("verdict", CONTINUE, 30).await;

    // Figures of one's own, one per line; they take precedence over published ones.
    page.choose("errors", "some_misses").await;
    page.click("clear-advisor").await;
    page.until_text("verdict", "measure more", 30).await;
    let open = "document.querySelectorAll('.behind, .asked details').forEach(one => one.open = true), true";
    assert_eq!(page.ask::<bool>(open).await, Some(true));
    page.click("add-ruler").await;
    page.fill("ruler-figure-0", "140").await;
    page.until_true(
        "[...document.querySelectorAll('.row .fault')].some(one => one.textContent.includes('140'))",
        "the fault of 140 percent",
        10,
    )
    .await;
    page.fill("ruler-figure-0", "61.5/500").await;
    page.until_text("figures", "multi-hop", 20).await;
    page.until_text("figures", "61.5500", 5).await;

    // The needle is found but chains are lost: the vanilla test would not have shown that.
    page.click("add-ruler").await;
    page.choose("ruler-what-1", "needle").await;
    page.fill("ruler-figure-1", "99/500").await;
    page.until_text("warnings", "RULER and the vanilla needle test disagree", 20)
        .await;
    page.until_text("warnings", "RULER single needle 99.0 at 128K", 5)
        .await;

    // A domain of LongBench v2, and one's own hold-outs instead of its human score.
    page.choose("for", "multi_document_synthesis").await;
    page.fill("trained", "128K").await;
    page.click("add-longbench").await;
    page.choose("longbench-at-0", "multi").await;
    page.fill("longbench-figure-0", "33/125").await;
    page.until_text("reasons", "failure_patterns.chains_fail", 20)
        .await;
    page.until_text(
        "figures",
        "LongBench v2 direct, Multi-Document QA33.0125",
        5,
    )
    .await;
    page.choose("errors", "human_level").await;
    page.fill("own", "40/200").await;
    // Whose 53.7 it is not: what people reach on these questions is asked for.
    page.until_text("missing", "people score on your own hold-outs", 20)
        .await;
    page.until_text("figures", "own hold-outs)40.0200", 5).await;

    // Removing a line leaves the others unchanged, and so does clearing the form.
    page.ask::<bool>("document.querySelector('[aria-label=\"Remove figure 1\"]').click(), true")
        .await;
    page.until_true(
        "document.querySelector('[data-testid=ruler-what-0]').value === 'needle'",
        "the needle's line first",
        10,
    )
    .await;
    page.click("clear-advisor").await;
    page.until_true(
        "['for', 'errors'].every(id => document.querySelector(`[data-testid=${id}]`).value === '')",
        "cleared choices",
        10,
    )
    .await;

    assert_eq!(page.overhang().await, 0);
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

/// A first visit shows an answer instead of a form: an example, labelled as such, in the order in
/// which a reader would act on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_visit_shows_an_example_and_any_change_makes_it_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/advisor")).await;
    page.until_text("verdict", "Llama3.1 8B", 60).await;
    page.until_text(
        "example",
        "An example: Llama 3.1 8B, multi-hop questions, 128K",
        5,
    )
    .await;
    let asked = "['model', 'for', 'target'].map(id =>
        document.querySelector(`[data-testid=${id}]`).value).join('|')";
    assert_eq!(
        page.ask::<String>(asked).await.unwrap(),
        "Llama3.1 8B|multi_document_synthesis|128K"
    );
    assert_eq!(page.ask::<String>("location.search").await.unwrap(), "");

    // Conclusion, next step, price, what would change the verdict, and the map; everything else is
    // closed.
    let order = "[...document.querySelectorAll('.advice h2')].filter(one => one.checkVisibility())
        .map(one => one.textContent).join('|')";
    assert_eq!(
        page.ask::<String>(order).await.unwrap(),
        "Verdict|What to do next|What it costs|What would change it|Where it stands"
    );
    let open = "document.querySelectorAll('.behind[open]').length";
    assert_eq!(page.ask::<u32>(open).await, Some(0));

    // The map: the model's position, the positions of STRING and the next model, and the rules
    // there.
    page.until_text("map-says", "Llama3.1 8B finds 92.6% of needles (kept)", 10)
        .await;
    page.until_text("map-says", "With STRING it stands at", 5)
        .await;
    page.until("[data-testid=chart-decision-map] .region", 10)
        .await;
    page.until("[data-testid=chart-decision-map] .cloud", 5)
        .await;
    page.click("as-table").await;
    page.until_text("chart-table", "arXiv 2410.18745", 5).await;
    page.until_text("chart-table", "GLM4-9B-1M", 5).await;
    page.click("as-table").await;

    // A button changes one answer; the others stay, and all of them are in the address.
    page.click("length-32K").await;
    page.until_text("example", "Your question", 10).await;
    page.until_true(
        "location.search === '?model=Llama3.1+8B&for=multi_document_synthesis&target=32K'",
        "the address of one's own",
        10,
    )
    .await;
    // By category it was measured at 128K alone: the map asks for that and makes nothing up.
    page.until_text(
        "map-says",
        "Llama3.1 8B cannot be placed on this map yet",
        30,
    )
    .await;
    page.until_text("map-says", "Measure RULER at 32K", 5).await;

    // Any other text names the user's own model.
    page.choose("model", "our model").await;
    page.until_text("verdict", "our model", 30).await;
    page.until_true(
        "location.search.startsWith('?for=') && location.search.includes('name=our+model')",
        "the name in the address",
        10,
    )
    .await;
    assert_eq!(page.overhang().await, 0);
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}
